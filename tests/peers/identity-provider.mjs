// An identity provider made of the npm package `oidc-provider`: nobody here wrote its OpenID Connect.
//
// Prints one JSON line per event, the first is {"event":"listening","port":…}; --with-parent ends it when its standard
// input closes. Whoever asks it to sign in is the person of the last GET /person?name=…&sub=…&amr=…&acr=…, without a form;
// with ?decline the attempt is declined. GET /keys?other makes it publish keys that it does not sign with.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { parseArgs } from 'node:util';
import { Provider } from 'oidc-provider';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'redirect-uri': { type: 'string' },
    'client-id': { type: 'string', default: 'todoke' },
    secret: { type: 'string', default: 'a secret: of ours+/%' },
    alg: { type: 'string', default: 'RS256' }, // RS256 | ES256 | ES384
    'auth-method': { type: 'string', default: 'client_secret_basic' }, // or client_secret_post
    certificate: { type: 'string' }, // PEM files: speaks https
    key: { type: 'string' },
    'with-parent': { type: 'boolean', default: false },
  },
});

function print(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function keys() {
  const made = [
    ['RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ];
  return made.map(([alg, pair]) => ({ ...pair.privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `the ${alg} key` }));
}

function published(set) {
  return { keys: set.map(({ kty, alg, use, kid, n, e, crv, x, y }) => ({ kty, alg, use, kid, n, e, crv, x, y })) };
}

const ours = keys();
const others = keys();
let person = { accountId: 'nobody' };
let decline = false;
let shown = ours;

function provider(issuer) {
  return new Provider(issuer, {
    clients: [
      {
        client_id: options['client-id'],
        client_secret: options.secret,
        redirect_uris: [options['redirect-uri']],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        id_token_signed_response_alg: options.alg,
        token_endpoint_auth_method: options['auth-method'],
      },
    ],
    jwks: { keys: ours },
    cookies: { keys: ['for this test'] },
    clientAuthMethods: [options['auth-method']],
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'ES384'] },
    claims: { openid: ['sub', 'acr', 'amr'], profile: ['preferred_username'], email: ['email', 'email_verified'] },
    // Claims of a scope stand in the id_token, as most providers do it.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims() {
        // Two people may have come by the same name, one after the other.
        const [name] = id.split('~');
        return { sub: `person-${id}`, preferred_username: name, email: `${name}@pref.example.lg.jp`, email_verified: true };
      },
    }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
}

let answers;

async function answer(request, response) {
  const url = new URL(request.url, 'http://here');
  const plain = (text) => response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  if (url.pathname === '/person') {
    const list = (name) => url.searchParams.get(name)?.split(',');
    const [name, sub] = ['name', 'sub'].map((field) => url.searchParams.get(field));
    person = { accountId: sub ? `${name}~${sub}` : name, amr: list('amr'), acr: url.searchParams.get('acr') ?? undefined };
    decline = url.searchParams.has('decline');
    plain('{}');
  } else if (url.pathname === '/keys') {
    shown = url.searchParams.has('other') ? others : ours;
    plain('{}');
  } else if (url.pathname === '/jwks') {
    plain(JSON.stringify(published(shown)));
  } else if (url.pathname.startsWith('/interaction/')) {
    const result = decline ? { error: 'access_denied' } : { login: person };
    await answers.interactionFinished(request, response, result);
  } else {
    answers.callback()(request, response);
  }
}

const secure = options.certificate !== undefined;
const handle = (request, response) => {
  answer(request, response).catch((error) => {
    print({ event: 'error', error: String(error) });
    response.writeHead(500).end();
  });
};
const server = secure
  ? https.createServer({ cert: readFileSync(options.certificate), key: readFileSync(options.key) }, handle)
  : http.createServer(handle);
const finish = () => process.exit(0);
process.on('SIGTERM', finish);
process.on('SIGINT', finish);
if (options['with-parent']) process.stdin.on('end', finish).resume();
server.listen(Number(options.port), '127.0.0.1', () => {
  const { port } = server.address();
  answers = provider(`${secure ? 'https' : 'http'}://127.0.0.1:${port}`);
  answers.on('server_error', (_, error) => print({ event: 'error', error: String(error) }));
  answers.on('grant.error', (_, error) => print({ event: 'refused', error: `${error.error}: ${error.error_detail ?? ''}` }));
  answers.on('authorization.error', (_, error) => print({ event: 'refused', error: `${error.error}: ${error.error_description ?? ''}` }));
  print({ event: 'listening', port });
});

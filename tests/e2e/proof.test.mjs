// The proof of work: the hash that a browser computes by itself is SHA-256, for every length that fits into a block.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { head } from '../../crates/web/static/proof.js';

test('the head of a hash is that of SHA-256', () => {
  for (let length = 0; length <= 55; length++) {
    const text = randomBytes(28).toString('hex').slice(0, length);
    assert.equal(head(text), createHash('sha256').update(text).digest().readUInt32BE(0), text);
  }
});

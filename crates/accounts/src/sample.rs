//! A ready set of offices: the 17 health centres of Saitama, 13 of the prefecture and 4 of its cities.

/// Their names.
pub(crate) const SAITAMA: [&str; 17] = [
    "朝霞保健所",
    "春日部保健所",
    "草加保健所",
    "鴻巣保健所",
    "東松山保健所",
    "坂戸保健所",
    "狭山保健所",
    "加須保健所",
    "幸手保健所",
    "熊谷保健所",
    "本庄保健所",
    "秩父保健所",
    "南部保健所",
    "さいたま市保健所",
    "川越市保健所",
    "越谷市保健所",
    "川口市保健所",
];

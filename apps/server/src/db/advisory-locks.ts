/** The advisory locks of this product, in one place so that no two meanings share a number. */

/** 'yard' in ASCII: first half of the key of each lock. */
export const ADVISORY_LOCK_CLASS = 0x79617264;

/** Held by a server for its whole life on an embedded database. */
export const SERVER_LOCK = 1;

/** Held while the schema is updated. */
export const MIGRATION_LOCK = 2;

/** Held, in a transaction, while a starting server makes sure of its first user, token, keys and demo. */
export const BOOTSTRAP_LOCK = 3;

/** Held, in a transaction, by whatever changes people or their rights. */
export const PEOPLE_LOCK = 4;
/** Held, in a transaction, by the server that takes the nightly export. */
export const NIGHTLY_EXPORT_LOCK = 5;
/** Held, in a transaction, by the server that writes reports of SDKs, or sums up what earlier ones came to. */
export const TELEMETRY_LOCK = 6;
/** Held, in a transaction, by the server that assesses hygiene and tells owners. */
export const HYGIENE_LOCK = 7;

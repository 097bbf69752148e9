/** The schema that this build is made for, counted in migrations: the number of files in `migrations`, which a test compares. */
export const SCHEMA_VERSION = 11;

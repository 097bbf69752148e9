CREATE TABLE "replica_receipts" (
	"environment_id" uuid NOT NULL,
	"replica" uuid NOT NULL,
	"receipts" jsonb NOT NULL,
	"heard_at" timestamp with time zone NOT NULL,
	CONSTRAINT "replica_receipts_environment_id_replica_pk" PRIMARY KEY("environment_id","replica")
);
--> statement-breakpoint
-- Written by hand from here on.
-- Written twice a second while a revision spreads, worthless after ten seconds, and written anew by every server:
-- a place in the log, in backups of it and on standbys would be paid for nothing.
ALTER TABLE "replica_receipts" SET UNLOGGED;

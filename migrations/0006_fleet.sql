CREATE TABLE "convergence" (
	"environment_id" uuid NOT NULL,
	"key_kind" text NOT NULL,
	"app" text NOT NULL,
	"slot_at" timestamp with time zone NOT NULL,
	"counts" integer[] NOT NULL,
	CONSTRAINT "convergence_environment_id_key_kind_app_slot_at_pk" PRIMARY KEY("environment_id","key_kind","app","slot_at")
);
--> statement-breakpoint
CREATE TABLE "replica_fleets" (
	"environment_id" uuid NOT NULL,
	"replica" uuid NOT NULL,
	"fleet" jsonb NOT NULL,
	"heard_at" timestamp with time zone NOT NULL,
	CONSTRAINT "replica_fleets_environment_id_replica_pk" PRIMARY KEY("environment_id","replica")
);
--> statement-breakpoint
CREATE INDEX "convergence_slot" ON "convergence" USING btree ("slot_at");--> statement-breakpoint
-- Written by hand from here on.
-- Written every ten seconds, worthless after half a minute, and written anew by every server: a place in the log, in backups of it
-- and on standbys would be paid for nothing.
ALTER TABLE "replica_fleets" SET UNLOGGED;

CREATE TABLE "telemetry_coverage" (
	"environment_id" uuid NOT NULL,
	"replica" uuid NOT NULL,
	"coverage" jsonb NOT NULL,
	"heard_at" timestamp with time zone NOT NULL,
	CONSTRAINT "telemetry_coverage_environment_id_replica_pk" PRIMARY KEY("environment_id","replica")
);
--> statement-breakpoint
CREATE TABLE "telemetry_days" (
	"day" date NOT NULL,
	"series_id" integer NOT NULL,
	"n" bigint NOT NULL,
	CONSTRAINT "telemetry_days_day_series_id_pk" PRIMARY KEY("day","series_id")
);
--> statement-breakpoint
CREATE TABLE "telemetry_defaults" (
	"flag_id" uuid NOT NULL,
	"environment_id" uuid NOT NULL,
	"key_kind" text NOT NULL,
	"app" text NOT NULL,
	"hash" text NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "telemetry_defaults_flag_id_environment_id_key_kind_app_hash_pk" PRIMARY KEY("flag_id","environment_id","key_kind","app","hash")
);
--> statement-breakpoint
CREATE TABLE "telemetry_hours" (
	"hour" integer NOT NULL,
	"series_id" integer NOT NULL,
	"n" bigint NOT NULL,
	CONSTRAINT "telemetry_hours_hour_series_id_pk" PRIMARY KEY("hour","series_id")
);
--> statement-breakpoint
CREATE TABLE "telemetry_instances" (
	"key_id" uuid NOT NULL,
	"instance" text NOT NULL,
	"environment_id" uuid NOT NULL,
	"key_kind" text NOT NULL,
	"sdk" text NOT NULL,
	"app" text NOT NULL,
	"app_version" text NOT NULL,
	"app_commit" text NOT NULL,
	"last_seq" bigint NOT NULL,
	"heard_at" timestamp with time zone NOT NULL,
	CONSTRAINT "telemetry_instances_key_id_instance_pk" PRIMARY KEY("key_id","instance")
);
--> statement-breakpoint
CREATE TABLE "telemetry_last_evaluated" (
	"flag_id" uuid NOT NULL,
	"environment_id" uuid NOT NULL,
	"key_kind" text NOT NULL,
	"rule_served_at" timestamp with time zone,
	"default_served_at" timestamp with time zone,
	CONSTRAINT "telemetry_last_evaluated_flag_id_environment_id_key_kind_pk" PRIMARY KEY("flag_id","environment_id","key_kind")
);
--> statement-breakpoint
CREATE TABLE "telemetry_months" (
	"month" date NOT NULL,
	"series_id" integer NOT NULL,
	"n" bigint NOT NULL,
	CONSTRAINT "telemetry_months_month_series_id_pk" PRIMARY KEY("month","series_id")
);
--> statement-breakpoint
CREATE TABLE "telemetry_series" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "telemetry_series_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"flag_id" uuid NOT NULL,
	"environment_id" uuid NOT NULL,
	"key_kind" text NOT NULL,
	"app" text NOT NULL,
	"app_version" text NOT NULL,
	"variant" text NOT NULL,
	"reason" text NOT NULL,
	"default_served" boolean NOT NULL,
	"seen_on" date NOT NULL,
	CONSTRAINT "telemetry_series_told_apart" UNIQUE("flag_id","environment_id","key_kind","app","app_version","variant","reason","default_served")
);
--> statement-breakpoint
CREATE TABLE "telemetry_skips" (
	"flag_id" uuid NOT NULL,
	"environment_id" uuid NOT NULL,
	"key_kind" text NOT NULL,
	"rule" text NOT NULL,
	"attribute" text NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "telemetry_skips_flag_id_environment_id_key_kind_rule_attribute_pk" PRIMARY KEY("flag_id","environment_id","key_kind","rule","attribute")
);
--> statement-breakpoint
CREATE TABLE "telemetry_sources" (
	"environment_id" uuid NOT NULL,
	"key_kind" text NOT NULL,
	"heard_at" timestamp with time zone NOT NULL,
	"series" integer NOT NULL,
	"lost" bigint NOT NULL,
	"dropped" bigint NOT NULL,
	CONSTRAINT "telemetry_sources_environment_id_key_kind_pk" PRIMARY KEY("environment_id","key_kind")
);
--> statement-breakpoint
CREATE TABLE "telemetry_unknown_flags" (
	"environment_id" uuid NOT NULL,
	"key_kind" text NOT NULL,
	"key" text NOT NULL,
	"app" text NOT NULL,
	"n" bigint NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "telemetry_unknown_flags_environment_id_key_kind_key_pk" PRIMARY KEY("environment_id","key_kind","key")
);
--> statement-breakpoint
-- Written by hand from here on.
-- Written every few seconds, worthless after a minute, and written anew by every server.
ALTER TABLE "telemetry_coverage" SET UNLOGGED;
--> statement-breakpoint
-- Rows are written over and over within their time; room in the page keeps their indexes as they are.
ALTER TABLE "telemetry_hours" SET (fillfactor = 80);
--> statement-breakpoint
ALTER TABLE "telemetry_last_evaluated" SET (fillfactor = 80);
--> statement-breakpoint
ALTER TABLE "telemetry_instances" SET (fillfactor = 80);

CREATE TABLE "branch_heads" (
	"repository_id" uuid NOT NULL,
	"branch" text NOT NULL,
	"set_id" integer NOT NULL,
	"pushed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "branch_heads_repository_id_branch_pk" PRIMARY KEY("repository_id","branch")
);
--> statement-breakpoint
CREATE TABLE "code_references" (
	"set_id" integer NOT NULL,
	"flag_key" text NOT NULL,
	"count" integer NOT NULL,
	"places" jsonb NOT NULL,
	CONSTRAINT "code_references_set_id_flag_key_pk" PRIMARY KEY("set_id","flag_key")
);
--> statement-breakpoint
CREATE TABLE "deployments" (
	"environment_id" uuid NOT NULL,
	"app" text NOT NULL,
	"commit" text NOT NULL,
	"version" text,
	"deployed_at" timestamp with time zone NOT NULL,
	"deployed_by" text NOT NULL,
	CONSTRAINT "deployments_environment_id_app_pk" PRIMARY KEY("environment_id","app")
);
--> statement-breakpoint
CREATE TABLE "flag_hygiene" (
	"flag_id" uuid PRIMARY KEY NOT NULL,
	"standing" text,
	"reasons" jsonb NOT NULL,
	"verdict" text NOT NULL,
	"awaiting_deploy" boolean NOT NULL,
	"open" jsonb NOT NULL,
	"references" integer,
	"last_evaluated_at" timestamp with time zone,
	"code_gone_since" timestamp with time zone,
	"assessed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hygiene_notices" (
	"flag_id" uuid NOT NULL,
	"state" text NOT NULL,
	"told_at" timestamp with time zone NOT NULL,
	CONSTRAINT "hygiene_notices_flag_id_state_pk" PRIMARY KEY("flag_id","state")
);
--> statement-breakpoint
CREATE TABLE "hygiene_projects" (
	"project_id" uuid PRIMARY KEY NOT NULL,
	"assessed_at" timestamp with time zone NOT NULL,
	"told_on" date
);
--> statement-breakpoint
CREATE TABLE "hygiene_scores" (
	"project_id" uuid NOT NULL,
	"owner" text NOT NULL,
	"week" date NOT NULL,
	"flags" integer NOT NULL,
	"expired" integer NOT NULL,
	"stale" integer NOT NULL,
	"ready_to_remove" integer NOT NULL,
	CONSTRAINT "hygiene_scores_project_id_week_owner_pk" PRIMARY KEY("project_id","week","owner")
);
--> statement-breakpoint
CREATE TABLE "reference_sets" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "reference_sets_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"repository_id" uuid NOT NULL,
	"commit" text NOT NULL,
	"committed_at" timestamp with time zone,
	"uploaded_at" timestamp with time zone NOT NULL,
	"uploaded_by" text NOT NULL,
	"scanner" text NOT NULL,
	"keys" text[] NOT NULL,
	"references" integer NOT NULL,
	"left" integer NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "reference_sets_repository_id_commit_unique" UNIQUE("repository_id","commit")
);
--> statement-breakpoint
CREATE TABLE "remote_uses" (
	"key_id" uuid NOT NULL,
	"way" text NOT NULL,
	"environment_id" uuid NOT NULL,
	"used_at" timestamp with time zone NOT NULL,
	CONSTRAINT "remote_uses_key_id_way_pk" PRIMARY KEY("key_id","way")
);
--> statement-breakpoint
CREATE TABLE "repositories" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"line_url" text,
	"default_branch" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "repositories_project_id_name_unique" UNIQUE("project_id","name")
);
--> statement-breakpoint
ALTER TABLE "flags" ADD COLUMN "snoozed_until" date;--> statement-breakpoint
ALTER TABLE "flags" ADD COLUMN "snooze_reason" text;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "expiring_days" integer DEFAULT 14 NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "not_evaluated_days" integer DEFAULT 30 NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "one_value_days" integer DEFAULT 30 NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "code_gone_days" integer DEFAULT 7 NOT NULL;--> statement-breakpoint
ALTER TABLE "webhooks" ADD COLUMN "owners" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "branch_heads" ADD CONSTRAINT "branch_heads_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "branch_heads" ADD CONSTRAINT "branch_heads_set_id_reference_sets_id_fk" FOREIGN KEY ("set_id") REFERENCES "public"."reference_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "code_references" ADD CONSTRAINT "code_references_set_id_reference_sets_id_fk" FOREIGN KEY ("set_id") REFERENCES "public"."reference_sets"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reference_sets" ADD CONSTRAINT "reference_sets_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "repositories" ADD CONSTRAINT "repositories_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "branch_heads_set_id_index" ON "branch_heads" USING btree ("set_id");--> statement-breakpoint
CREATE INDEX "remote_uses_environment_id_index" ON "remote_uses" USING btree ("environment_id");
CREATE TABLE "context_attributes" (
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"sensitive" boolean DEFAULT false NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "context_attributes_project_id_name_pk" PRIMARY KEY("project_id","name")
);
--> statement-breakpoint
CREATE TABLE "audit_checkpoints" (
	"chain" text NOT NULL,
	"seq" bigint NOT NULL,
	"hash" text NOT NULL,
	"mac" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "audit_checkpoints_chain_seq_pk" PRIMARY KEY("chain","seq")
);
--> statement-breakpoint
CREATE TABLE "audit_links" (
	"change_set_id" bigint PRIMARY KEY NOT NULL,
	"chain" text NOT NULL,
	"seq" bigint NOT NULL,
	"origin" text DEFAULT 'recorded' NOT NULL,
	"set_hash" text NOT NULL,
	"changes_hash" text NOT NULL,
	"bodies_hash" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "audit_links_chain_seq_unique" UNIQUE("chain","seq")
);
--> statement-breakpoint
CREATE TABLE "environment_revisions" (
	"environment_id" uuid NOT NULL,
	"revision" bigint NOT NULL,
	"change_set_id" bigint NOT NULL,
	CONSTRAINT "environment_revisions_environment_id_revision_pk" PRIMARY KEY("environment_id","revision")
);
--> statement-breakpoint
CREATE TABLE "reviews" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"project_id" uuid,
	"change_set_id" bigint NOT NULL,
	"cause" text NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"closed_at" timestamp with time zone,
	"closed_by" text,
	"note" text,
	CONSTRAINT "reviews_change_set_id_cause_unique" UNIQUE("change_set_id","cause")
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid,
	"team_id" uuid,
	"api_token_id" uuid,
	"project_id" uuid,
	"environment_id" uuid,
	"role" text,
	"actions" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"issuer" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "team_members" (
	"team_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	CONSTRAINT "team_members_team_id_user_id_pk" PRIMARY KEY("team_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "teams" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"key" text NOT NULL,
	"name" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "teams_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "user_identities" (
	"issuer" text NOT NULL,
	"subject" text NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_identities_issuer_subject_pk" PRIMARY KEY("issuer","subject")
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "webhook_deliveries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"webhook_id" uuid NOT NULL,
	"change_set_id" bigint NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone,
	"delivered_at" timestamp with time zone,
	"last_status" integer,
	"last_error" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"url" text NOT NULL,
	"format" text NOT NULL,
	"secret" text NOT NULL,
	"commands" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"environments" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"paused_until" timestamp with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "api_tokens" ADD COLUMN "kind" text DEFAULT 'machine' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_tokens" ADD COLUMN "user_id" uuid;--> statement-breakpoint
ALTER TABLE "api_tokens" ADD COLUMN "prefix" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_tokens" ADD COLUMN "created_by" text DEFAULT 'system' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_tokens" ADD COLUMN "expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "api_tokens" ADD COLUMN "last_used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "color" text DEFAULT 'gray' NOT NULL;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "flags" ADD COLUMN "links" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "flags" ADD COLUMN "search" text GENERATED ALWAYS AS (lower(key || E'\n' || description || E'\n' || coalesce(owner, '') || E'\n' || translate(tags::text, '[]"', ''))) STORED;--> statement-breakpoint
ALTER TABLE "flags" ADD COLUMN "archived_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "default_expiry_days" integer DEFAULT 90 NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "sdk_keys" ADD COLUMN "allowed_origins" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "sdk_keys" ADD COLUMN "expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sdk_keys" ADD COLUMN "last_used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "user_agent" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "sign_in_links" ADD COLUMN "purpose" text DEFAULT 'sign_in' NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "email" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "password_hash" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "disabled_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "context_attributes" ADD CONSTRAINT "context_attributes_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_links" ADD CONSTRAINT "audit_links_change_set_id_change_sets_id_fk" FOREIGN KEY ("change_set_id") REFERENCES "public"."change_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "environment_revisions" ADD CONSTRAINT "environment_revisions_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "environment_revisions" ADD CONSTRAINT "environment_revisions_change_set_id_change_sets_id_fk" FOREIGN KEY ("change_set_id") REFERENCES "public"."change_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_change_set_id_change_sets_id_fk" FOREIGN KEY ("change_set_id") REFERENCES "public"."change_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_api_token_id_api_tokens_id_fk" FOREIGN KEY ("api_token_id") REFERENCES "public"."api_tokens"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "team_members" ADD CONSTRAINT "team_members_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "team_members" ADD CONSTRAINT "team_members_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_identities" ADD CONSTRAINT "user_identities_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_webhook_id_webhooks_id_fk" FOREIGN KEY ("webhook_id") REFERENCES "public"."webhooks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_change_set_id_change_sets_id_fk" FOREIGN KEY ("change_set_id") REFERENCES "public"."change_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "environment_revisions_change_set_id_index" ON "environment_revisions" USING btree ("change_set_id");--> statement-breakpoint
CREATE INDEX "reviews_project_id_opened_at_index" ON "reviews" USING btree ("project_id","opened_at");--> statement-breakpoint
CREATE INDEX "grants_user_id_index" ON "grants" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "grants_team_id_index" ON "grants" USING btree ("team_id");--> statement-breakpoint
CREATE INDEX "grants_api_token_id_index" ON "grants" USING btree ("api_token_id");--> statement-breakpoint
CREATE INDEX "team_members_user_id_index" ON "team_members" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due_at_index" ON "webhook_deliveries" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_webhook_id_id_index" ON "webhook_deliveries" USING btree ("webhook_id","id");--> statement-breakpoint
CREATE INDEX "webhooks_project_id_index" ON "webhooks" USING btree ("project_id");--> statement-breakpoint
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "change_sets_project_id_actor_id_index" ON "change_sets" USING btree ("project_id","actor","id");--> statement-breakpoint
CREATE INDEX "change_sets_project_id_command_id_index" ON "change_sets" USING btree ("project_id","command","id");--> statement-breakpoint
CREATE INDEX "change_sets_request_id_index" ON "change_sets" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "changes_environment_id_change_set_id_index" ON "changes" USING btree ("environment_id","change_set_id");--> statement-breakpoint
CREATE INDEX "changes_kind_key_change_set_id_index" ON "changes" USING btree ("kind","key","change_set_id");--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_email_unique" UNIQUE("email");--> statement-breakpoint
-- Written by hand from here on.
-- A build of before would write changes without their place in the chain:
-- min_writer: 2
ALTER TABLE "grants" ADD CONSTRAINT "grants_one_holder" CHECK (num_nonnulls("user_id", "team_id", "api_token_id") = 1);--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_environment_of_project" CHECK ("environment_id" IS NULL OR "project_id" IS NOT NULL);--> statement-breakpoint
CREATE TRIGGER "audit_links_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_links"
	FOR EACH STATEMENT EXECUTE FUNCTION "refuse_rewriting_history"();
--> statement-breakpoint
CREATE TRIGGER "audit_checkpoints_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_checkpoints"
	FOR EACH STATEMENT EXECUTE FUNCTION "refuse_rewriting_history"();
--> statement-breakpoint
CREATE TRIGGER "environment_revisions_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "environment_revisions"
	FOR EACH STATEMENT EXECUTE FUNCTION "refuse_rewriting_history"();
--> statement-breakpoint
CREATE TRIGGER "rule_objects_append_only" BEFORE DELETE OR TRUNCATE ON "rule_objects"
	FOR EACH STATEMENT EXECUTE FUNCTION "refuse_rewriting_history"();
--> statement-breakpoint
CREATE TRIGGER "reviews_kept" BEFORE DELETE OR TRUNCATE ON "reviews"
	FOR EACH STATEMENT EXECUTE FUNCTION "refuse_rewriting_history"();
--> statement-breakpoint
-- Appends a change set, all of whose rows are written, to its chain; the caller holds the chain's lock. A function, because its
-- plans are kept: planned anew it would cost every change another millisecond. apps/server/src/audit/link-hash.ts says what the
-- hashes are of and computes them without it, so that a link made by anything else does not verify.
CREATE FUNCTION "link_change_set"(linked_chain text, linked_id bigint, linked_origin text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	of_set text;
	of_changes text;
	of_bodies text;
	last_seq bigint;
	last_hash text;
BEGIN
	SELECT encode(sha256(convert_to(json_build_array(s.id, s.project_id, s.command, s.actor_kind, s.actor, s.reason, s.request_id,
			extract(epoch from s.created_at)::text)::text, 'UTF8')), 'hex')
		INTO STRICT of_set FROM change_sets s WHERE s.id = linked_id;
	SELECT encode(sha256(convert_to(coalesce(string_agg(encode(sha256(convert_to(json_build_array(c.seq, c.kind, c.key,
			c.environment_id, c.revision, c.before::text, c.after::text)::text, 'UTF8')), 'hex'), '' ORDER BY c.seq), ''), 'UTF8')), 'hex')
		INTO of_changes FROM changes c WHERE c.change_set_id = linked_id;
	SELECT encode(sha256(convert_to(coalesce(string_agg(encode(sha256(convert_to(json_build_array(r.environment_id, r.revision, (
				SELECT string_agg(encode(sha256(convert_to(json_build_array(o.kind, o.key, o.body, o.tag)::text, 'UTF8')), 'hex'), ''
					ORDER BY o.kind COLLATE "C", o.key COLLATE "C")
				FROM rule_objects o WHERE o.environment_id = r.environment_id AND o.revision = r.revision
			))::text, 'UTF8')), 'hex'), '' ORDER BY r.environment_id, r.revision), ''), 'UTF8')), 'hex')
		INTO of_bodies FROM environment_revisions r WHERE r.change_set_id = linked_id;
	SELECT l.seq, l.hash INTO last_seq, last_hash FROM audit_links l WHERE l.chain = linked_chain ORDER BY l.seq DESC LIMIT 1;
	last_seq := coalesce(last_seq, 0);
	INSERT INTO audit_links (change_set_id, chain, seq, origin, set_hash, changes_hash, bodies_hash, hash)
	VALUES (linked_id, linked_chain, last_seq + 1, linked_origin, of_set, of_changes, of_bodies,
		encode(sha256(convert_to(concat_ws(chr(10), 'yardarm audit 1', linked_chain, last_seq + 1, coalesce(last_hash, ''),
			linked_origin, linked_id, of_set, of_changes, of_bodies), 'UTF8')), 'hex'));
END
$$;
--> statement-breakpoint
-- Until now everybody could do everything; nobody loses that by an upgrade.
INSERT INTO "grants" ("user_id", "role") SELECT "id", 'admin' FROM "users";--> statement-breakpoint
INSERT INTO "grants" ("api_token_id", "role") SELECT "id", 'admin' FROM "api_tokens" WHERE "revoked_at" IS NULL;

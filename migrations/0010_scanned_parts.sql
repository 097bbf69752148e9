ALTER TABLE "reference_sets" ADD COLUMN "rest" text[];--> statement-breakpoint
-- A part was never taken under the name that the remote or CI has of the whole, which is in its links to GitHub and GitLab.
UPDATE "reference_sets" s SET "rest" = '{}' FROM "repositories" r
WHERE r."id" = s."repository_id" AND (
	starts_with(lower(substring(r."line_url" from '^https?://[^/]+/(.*)$')), lower(r."name") || '/blob/{commit}/')
	OR starts_with(lower(substring(r."line_url" from '^https?://[^/]+/(.*)$')), lower(r."name") || '/-/blob/{commit}/'));

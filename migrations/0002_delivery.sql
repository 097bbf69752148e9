CREATE TABLE "instance" (
	"single" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL
);
--> statement-breakpoint
-- Written by hand from here on.
ALTER TABLE "instance" ADD CONSTRAINT "instance_is_one" CHECK ("single");--> statement-breakpoint
INSERT INTO "instance" DEFAULT VALUES;

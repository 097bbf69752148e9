CREATE TABLE "telemetry_replicas" (
	"replica" uuid PRIMARY KEY NOT NULL,
	"turned_at" timestamp with time zone NOT NULL,
	"heard_at" timestamp with time zone NOT NULL
);

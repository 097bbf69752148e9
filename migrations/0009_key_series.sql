CREATE TABLE "telemetry_key_series" (
	"key_id" uuid NOT NULL,
	"day" date NOT NULL,
	"made" integer NOT NULL,
	CONSTRAINT "telemetry_key_series_key_id_day_pk" PRIMARY KEY("key_id","day")
);

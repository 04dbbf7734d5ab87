-- No identity column: PostgreSQL takes those on partitioned tables from version 17 on.
CREATE SEQUENCE staging_message_number;
ALTER SEQUENCE staging_message_number OWNED BY staging_message.staged_seq;
ALTER TABLE staging_message ALTER COLUMN staged_seq SET DEFAULT nextval('staging_message_number');

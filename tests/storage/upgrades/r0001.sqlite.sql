BEGIN TRANSACTION;
CREATE TABLE accounts (
	id INTEGER NOT NULL, 
	public_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (id), 
	CONSTRAINT uq_accounts_public_id UNIQUE (public_id)
);
INSERT INTO "accounts" VALUES(1,'01a2189d-76c8-7fab-9826-6085f472f8bd','Leadyard',1795709302472);
CREATE TABLE additions (
	id INTEGER NOT NULL, 
	public_id TEXT NOT NULL, 
	list_id INTEGER NOT NULL, 
	key_id INTEGER, 
	user_id INTEGER, 
	total INTEGER NOT NULL, 
	first_sequence INTEGER NOT NULL, 
	added INTEGER NOT NULL, 
	left_out TEXT NOT NULL, 
	enrich BOOLEAN NOT NULL, 
	validate_email BOOLEAN NOT NULL, 
	reveal_phone_numbers BOOLEAN NOT NULL, 
	prices TEXT NOT NULL, 
	email_held BIGINT NOT NULL, 
	phone_held BIGINT NOT NULL, 
	email_spent BIGINT DEFAULT '0' NOT NULL, 
	phone_spent BIGINT DEFAULT '0' NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_additions PRIMARY KEY (id), 
	CONSTRAINT ck_additions_held CHECK (email_held >= 0 AND phone_held >= 0), 
	CONSTRAINT fk_additions_key_id FOREIGN KEY(key_id) REFERENCES api_keys (id), 
	CONSTRAINT fk_additions_list_id FOREIGN KEY(list_id) REFERENCES lead_lists (id), 
	CONSTRAINT fk_additions_user_id FOREIGN KEY(user_id) REFERENCES users (id), 
	CONSTRAINT uq_additions_public_id UNIQUE (public_id)
);
INSERT INTO "additions" VALUES(1,'01a2189d-80cc-74e6-9b99-16ed42712aca',1,1,1,5,1,4,'[[1,"duplicate_in_batch",0]]',1,1,1,'{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}',0,0,5500,2000,1795709305036);
INSERT INTO "additions" VALUES(2,'01a2189d-830b-7890-93cf-c5dffe8f1481',2,1,1,2,1,2,'[]',1,1,1,'{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}',2500,1000,1000,0,1795709305611);
INSERT INTO "additions" VALUES(3,'01a2189d-841a-79e1-96dd-1a74b3909213',3,1,1,0,1,0,'[]',1,1,1,'{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}',0,0,0,0,1795709305882);
INSERT INTO "additions" VALUES(4,'01a2189d-8493-7457-a4ff-9270dcaed2e1',3,1,1,20,1,20,'[]',1,1,1,'{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}',50000,20000,0,0,1795709306003);
INSERT INTO "additions" VALUES(5,'01a2189d-84e8-724b-95da-ab456c6eeb4b',3,1,1,120,21,100,'[[0,"duplicate_in_list",1],[1,"duplicate_in_list",2],[2,"duplicate_in_list",3],[3,"duplicate_in_list",4],[4,"duplicate_in_list",5],[5,"duplicate_in_list",6],[6,"duplicate_in_list",7],[7,"duplicate_in_list",8],[8,"duplicate_in_list",9],[9,"duplicate_in_list",10],[10,"duplicate_in_list",11],[11,"duplicate_in_list",12],[12,"duplicate_in_list",13],[13,"duplicate_in_list",14],[14,"duplicate_in_list",15],[15,"duplicate_in_list",16],[16,"duplicate_in_list",17],[17,"duplicate_in_list",18],[18,"duplicate_in_list",19],[19,"duplicate_in_list",20]]',1,1,1,'{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}',250000,100000,0,0,1795709306088);
INSERT INTO "additions" VALUES(6,'01a2189d-853e-7814-bc84-e2607e9ba34e',4,1,1,1,1,1,'[]',1,0,0,'{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}',1500,0,0,0,1795709306174);
INSERT INTO "additions" VALUES(7,'01a2189d-8568-7f3f-8c3e-0ef869a0d631',5,1,1,1,1,1,'[]',0,0,0,'{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}',0,0,0,0,1795709306216);
INSERT INTO "additions" VALUES(8,'01a2189d-8581-724e-b3ea-8cb7dccf7abd',6,1,1,3,1,3,'[]',1,1,1,'{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}',7500,3000,0,0,1795709306241);
INSERT INTO "additions" VALUES(9,'01a2189d-85e4-79b6-8f50-bed230568060',7,1,1,2,1,2,'[]',1,1,1,'{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}',0,0,0,0,1795709306340);
INSERT INTO "additions" VALUES(10,'01a2189d-864e-7fbe-9338-59a6059fbdf2',8,1,1,2,1,2,'[]',1,1,1,'{"person_found":500,"email_revealed":1000,"email_validated":1000,"phone_revealed":1000}',0,0,0,0,1795709306446);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE api_keys (
	id INTEGER NOT NULL, 
	public_id TEXT NOT NULL, 
	workspace_id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	last_four TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	revoked_at BIGINT, 
	CONSTRAINT pk_api_keys PRIMARY KEY (id), 
	CONSTRAINT ck_api_keys_role CHECK (role IN ('admin', 'member')), 
	CONSTRAINT fk_api_keys_user_id FOREIGN KEY(user_id) REFERENCES users (id), 
	CONSTRAINT fk_api_keys_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id), 
	CONSTRAINT uq_api_keys_digest UNIQUE (digest), 
	CONSTRAINT uq_api_keys_public_id UNIQUE (public_id)
);
INSERT INTO "api_keys" VALUES(1,'01a2189d-76c8-70a0-8e59-98bf6204efbf',2,1,'first key','admin','dc27bd9801617a6f062cab3a97f91cb3f05cdda75155b58b8a08f8c6fe8d22cb','tttt',1795709302472,NULL);
INSERT INTO "api_keys" VALUES(2,'01a2189d-7876-7c93-97ca-f3a1860bd731',1,1,'live','admin','9e855140f7c5b21821e4d6d65e81d3ae8998fcdd863497a74a9260c5790e70a9','llll',1795709302902,NULL);
CREATE TABLE chunks (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	list_id BIGINT NOT NULL, 
	addition_id BIGINT NOT NULL, 
	first_sequence INTEGER NOT NULL, 
	last_sequence INTEGER NOT NULL, 
	tag BIGINT NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	run_at BIGINT NOT NULL, 
	claimed_at BIGINT
);
INSERT INTO "chunks" VALUES(2,2,2,1,2,1,1,1795709306808,NULL);
INSERT INTO "chunks" VALUES(3,3,3,1,0,1,0,1795709305882,NULL);
INSERT INTO "chunks" VALUES(4,3,4,1,20,2,0,1795709306003,NULL);
INSERT INTO "chunks" VALUES(5,3,5,21,120,3,0,1795709306088,NULL);
INSERT INTO "chunks" VALUES(6,4,6,1,1,2,0,1795709306174,NULL);
INSERT INTO "chunks" VALUES(7,5,7,1,1,2,0,1795709306216,NULL);
INSERT INTO "chunks" VALUES(8,6,8,1,3,2,0,1795709306241,NULL);
INSERT INTO "chunks" VALUES(9,7,9,1,2,2,0,1795709306340,NULL);
INSERT INTO "chunks" VALUES(10,8,10,1,2,2,0,1795709306446,NULL);
CREATE TABLE credit_balances (
	workspace_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	balance BIGINT NOT NULL, 
	held BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_credit_balances PRIMARY KEY (workspace_id, kind), 
	CONSTRAINT ck_credit_balances_kind CHECK (kind IN ('email', 'phone')), 
	CONSTRAINT ck_credit_balances_balance CHECK (balance >= 0 AND held >= 0 AND held <= balance), 
	CONSTRAINT fk_credit_balances_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
INSERT INTO "credit_balances" VALUES(1,'email',100000000,0);
INSERT INTO "credit_balances" VALUES(1,'phone',100000000,0);
INSERT INTO "credit_balances" VALUES(2,'email',99993500,311500);
INSERT INTO "credit_balances" VALUES(2,'phone',99998000,124000);
CREATE TABLE credit_entries (
	id INTEGER NOT NULL, 
	workspace_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	amount BIGINT NOT NULL, 
	reason TEXT NOT NULL, 
	note TEXT, 
	admin_id INTEGER NOT NULL, 
	key_id INTEGER, 
	user_id INTEGER, 
	list_id INTEGER, 
	sequence INTEGER, 
	charge_key TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_credit_entries PRIMARY KEY (id), 
	CONSTRAINT ck_credit_entries_kind CHECK (kind IN ('email', 'phone')), 
	CONSTRAINT fk_credit_entries_admin_id FOREIGN KEY(admin_id) REFERENCES users (id), 
	CONSTRAINT fk_credit_entries_key_id FOREIGN KEY(key_id) REFERENCES api_keys (id), 
	CONSTRAINT fk_credit_entries_list_id FOREIGN KEY(list_id) REFERENCES lead_lists (id), 
	CONSTRAINT fk_credit_entries_user_id FOREIGN KEY(user_id) REFERENCES users (id), 
	CONSTRAINT fk_credit_entries_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id), 
	CONSTRAINT uq_credit_entries_workspace_id_charge_key UNIQUE (workspace_id, charge_key)
);
INSERT INTO "credit_entries" VALUES(1,1,'email',100000000,'initial_grant',NULL,1,NULL,NULL,NULL,NULL,'initial_grant:01a2189d-76c8-7468-b528-f0466c52a7cb',1795709302472);
INSERT INTO "credit_entries" VALUES(2,1,'phone',100000000,'initial_grant',NULL,1,NULL,NULL,NULL,NULL,'initial_grant:01a2189d-76c8-7639-9728-1a2626d51ea4',1795709302472);
INSERT INTO "credit_entries" VALUES(3,2,'email',100000000,'initial_grant',NULL,1,NULL,NULL,NULL,NULL,'initial_grant:01a2189d-76c8-733d-8147-f8af469e77f4',1795709302472);
INSERT INTO "credit_entries" VALUES(4,2,'phone',100000000,'initial_grant',NULL,1,NULL,NULL,NULL,NULL,'initial_grant:01a2189d-76c8-72a7-89f7-524807d2e386',1795709302472);
INSERT INTO "credit_entries" VALUES(5,2,'email',-500,'person_found',NULL,1,1,1,1,1,'person:81f8f6dd-e883-85f3-9287-96ec7aa53f72:1795709305363',1795709305363);
INSERT INTO "credit_entries" VALUES(6,2,'email',-1000,'email_revealed',NULL,1,1,1,1,1,'email:81f8f6dd-e883-85f3-9287-96ec7aa53f72',1795709305363);
INSERT INTO "credit_entries" VALUES(7,2,'email',-1000,'email_validated',NULL,1,1,1,1,1,'validation:01a2189d-80cc-73ad-af38-046800f40e3d:jane@drift-harbor.example',1795709305363);
INSERT INTO "credit_entries" VALUES(8,2,'phone',-1000,'phone_revealed',NULL,1,1,1,1,1,'phone:81f8f6dd-e883-85f3-9287-96ec7aa53f72',1795709305363);
INSERT INTO "credit_entries" VALUES(9,2,'email',-500,'person_found',NULL,1,1,1,1,3,'person:8adabe0b-d094-8f95-8c59-fee467e901df:1795709305363',1795709305363);
INSERT INTO "credit_entries" VALUES(10,2,'phone',-1000,'phone_revealed',NULL,1,1,1,1,3,'phone:8adabe0b-d094-8f95-8c59-fee467e901df',1795709305363);
INSERT INTO "credit_entries" VALUES(11,2,'email',-500,'person_found',NULL,1,1,1,1,4,'person:3c4eb00e-1b20-8251-b375-64e606e3ec14:1795709305363',1795709305363);
INSERT INTO "credit_entries" VALUES(12,2,'email',-1000,'email_revealed',NULL,1,1,1,1,4,'email:3c4eb00e-1b20-8251-b375-64e606e3ec14',1795709305363);
INSERT INTO "credit_entries" VALUES(13,2,'email',-1000,'email_validated',NULL,1,1,1,1,4,'validation:01a2189d-80cc-73ad-af38-046800f40e3d:phil-nophone@birch-and-bell.example',1795709305363);
INSERT INTO "credit_entries" VALUES(14,2,'email',-1000,'email_validated',NULL,1,1,1,2,2,'validation:01a2189d-830b-7d03-bedb-afcf52627e75:jane@drift-harbor.example',1795709305816);
CREATE TABLE directory_companies (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	domain TEXT, 
	name_key TEXT, 
	company TEXT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_directory_companies PRIMARY KEY (id), 
	CONSTRAINT uq_directory_companies_key UNIQUE ("key")
);
CREATE TABLE directory_people (
	id INTEGER NOT NULL, 
	public_id TEXT NOT NULL, 
	company_id INTEGER, 
	"key" TEXT NOT NULL, 
	linkedin_key TEXT, 
	email_key TEXT, 
	title_key TEXT, 
	person TEXT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_directory_people PRIMARY KEY (id), 
	CONSTRAINT fk_directory_people_company_id FOREIGN KEY(company_id) REFERENCES directory_companies (id), 
	CONSTRAINT uq_directory_people_key UNIQUE ("key"), 
	CONSTRAINT uq_directory_people_public_id UNIQUE (public_id)
);
CREATE TABLE idempotency_keys (
	workspace_id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	status INTEGER NOT NULL, 
	headers TEXT NOT NULL, 
	body TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_idempotency_keys PRIMARY KEY (workspace_id, "key"), 
	CONSTRAINT fk_idempotency_keys_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
INSERT INTO "idempotency_keys" VALUES(2,'once','7bb70564bc715682a056531cf33436ceb53e63da95929a890f903cf5d113b94f',202,'{"Location":"/lead-lists/01a2189d-841a-71e3-88ae-96eeacc74044/additions/01a2189d-84e8-724b-95da-ab456c6eeb4b"}','{"total":120,"total_added_to_lead_list":100}',1795709306088);
CREATE TABLE lead_list_entries (
	list_id BIGINT NOT NULL, 
	sequence INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	lead TEXT NOT NULL, 
	status TEXT DEFAULT 'queued' NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	not_before BIGINT, 
	findings TEXT, 
	CONSTRAINT pk_lead_list_entries PRIMARY KEY (list_id, sequence), 
	CONSTRAINT ck_lead_list_entries_status CHECK (status IN ('queued', 'processing', 'done', 'failed', 'canceled')), 
	CONSTRAINT uq_lead_list_entries_list_id_key UNIQUE (list_id, "key")
)
 WITHOUT ROWID

;
INSERT INTO "lead_list_entries" VALUES(1,1,'jane','{"linkedin_url":"linkedin.com/in/jane","note":"Ünïcode 😀"}','done',1,NULL,'{"enrich":"found","validate":"found","reveal":"found","person":{"id":"81f8f6dd-e883-85f3-9287-96ec7aa53f72","email":"jane@drift-harbor.example","first_name":"Anders","last_name":"Jansen","title":"Product Manager","company":{"name":"Drift Harbor","domain":"drift-harbor.example"},"phone_numbers":[{"number":"+17025550118","type":"mobile"}]},"verdict":{"email":"jane@drift-harbor.example","result":"deliverable","reason":"sandbox","catch_all":false,"is_complete":true,"mail_hosts":[]},"provenance":{"email":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.344423Z","confidence":1.0,"cost":0.0},"first_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.344423Z","confidence":1.0,"cost":0.0},"last_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.344423Z","confidence":1.0,"cost":0.0},"title":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.344423Z","confidence":1.0,"cost":0.0},"company_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.344423Z","confidence":1.0,"cost":0.0},"company_domain":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.344423Z","confidence":1.0,"cost":0.0},"email_validation_result":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.344423Z","confidence":1.0,"cost":0.0},"phone_numbers":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.344423Z","confidence":1.0,"cost":0.0}}}');
INSERT INTO "lead_list_entries" VALUES(1,2,'nina-notfound','{"linkedin_url":"linkedin.com/in/nina-notfound","note":"Ünïcode 😀"}','done',1,NULL,'{"enrich":"not_found","validate":"skipped","reveal":"skipped"}');
INSERT INTO "lead_list_entries" VALUES(1,3,'noel-noemail','{"linkedin_url":"linkedin.com/in/noel-noemail","note":"Ünïcode 😀"}','done',1,NULL,'{"enrich":"found","validate":"skipped","reveal":"found","person":{"id":"8adabe0b-d094-8f95-8c59-fee467e901df","first_name":"Ivan","last_name":"Varga","title":"Data Engineer","company":{"name":"Fernway Logistics","domain":"fernway-logistics.example"},"phone_numbers":[{"number":"+442079460843","type":"work"}]},"provenance":{"first_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.344890Z","confidence":1.0,"cost":0.0},"last_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.344890Z","confidence":1.0,"cost":0.0},"title":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.344890Z","confidence":1.0,"cost":0.0},"company_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.344890Z","confidence":1.0,"cost":0.0},"company_domain":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.344890Z","confidence":1.0,"cost":0.0},"phone_numbers":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.344890Z","confidence":1.0,"cost":0.0}}}');
INSERT INTO "lead_list_entries" VALUES(1,4,'phil-nophone','{"linkedin_url":"linkedin.com/in/phil-nophone","note":"Ünïcode 😀"}','done',1,NULL,'{"enrich":"found","validate":"found","reveal":"not_found","person":{"id":"3c4eb00e-1b20-8251-b375-64e606e3ec14","email":"phil-nophone@birch-and-bell.example","first_name":"Hugo","last_name":"Jansen","title":"VP Sales","company":{"name":"Birch and Bell","domain":"birch-and-bell.example"}},"verdict":{"email":"phil-nophone@birch-and-bell.example","result":"deliverable","reason":"sandbox","catch_all":false,"is_complete":true,"mail_hosts":[]},"provenance":{"email":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.345118Z","confidence":1.0,"cost":0.0},"first_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.345118Z","confidence":1.0,"cost":0.0},"last_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.345118Z","confidence":1.0,"cost":0.0},"title":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.345118Z","confidence":1.0,"cost":0.0},"company_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.345118Z","confidence":1.0,"cost":0.0},"company_domain":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.345118Z","confidence":1.0,"cost":0.0},"email_validation_result":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.345118Z","confidence":1.0,"cost":0.0}}}');
INSERT INTO "lead_list_entries" VALUES(2,1,'una-unavailable','{"linkedin_url":"linkedin.com/in/una-unavailable","note":"Ünïcode 😀"}','queued',1,1795709306808,'{}');
INSERT INTO "lead_list_entries" VALUES(2,2,'jane','{"linkedin_url":"linkedin.com/in/jane","note":"Ünïcode 😀"}','done',1,NULL,'{"enrich":"found","validate":"found","reveal":"found","person":{"id":"81f8f6dd-e883-85f3-9287-96ec7aa53f72","email":"jane@drift-harbor.example","first_name":"Anders","last_name":"Jansen","title":"Product Manager","company":{"name":"Drift Harbor","domain":"drift-harbor.example"},"phone_numbers":[{"number":"+17025550118","type":"mobile"}]},"verdict":{"email":"jane@drift-harbor.example","result":"deliverable","reason":"sandbox","catch_all":false,"is_complete":true,"mail_hosts":[]},"provenance":{"email":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.808231Z","confidence":1.0,"cost":0.0},"first_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.808231Z","confidence":1.0,"cost":0.0},"last_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.808231Z","confidence":1.0,"cost":0.0},"title":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.808231Z","confidence":1.0,"cost":0.0},"company_name":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.808231Z","confidence":1.0,"cost":0.0},"company_domain":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.808231Z","confidence":1.0,"cost":0.0},"email_validation_result":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.808231Z","confidence":1.0,"cost":0.0},"phone_numbers":{"provider":"sandbox","fetched_at":"2026-11-26T16:08:25.808231Z","confidence":1.0,"cost":0.0}}}');
INSERT INTO "lead_list_entries" VALUES(3,1,'person-0','{"linkedin_url":"linkedin.com/in/person-0","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,2,'person-1','{"linkedin_url":"linkedin.com/in/person-1","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,3,'person-2','{"linkedin_url":"linkedin.com/in/person-2","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,4,'person-3','{"linkedin_url":"linkedin.com/in/person-3","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,5,'person-4','{"linkedin_url":"linkedin.com/in/person-4","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,6,'person-5','{"linkedin_url":"linkedin.com/in/person-5","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,7,'person-6','{"linkedin_url":"linkedin.com/in/person-6","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,8,'person-7','{"linkedin_url":"linkedin.com/in/person-7","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,9,'person-8','{"linkedin_url":"linkedin.com/in/person-8","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,10,'person-9','{"linkedin_url":"linkedin.com/in/person-9","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,11,'person-10','{"linkedin_url":"linkedin.com/in/person-10","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,12,'person-11','{"linkedin_url":"linkedin.com/in/person-11","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,13,'person-12','{"linkedin_url":"linkedin.com/in/person-12","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,14,'person-13','{"linkedin_url":"linkedin.com/in/person-13","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,15,'person-14','{"linkedin_url":"linkedin.com/in/person-14","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,16,'person-15','{"linkedin_url":"linkedin.com/in/person-15","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,17,'person-16','{"linkedin_url":"linkedin.com/in/person-16","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,18,'person-17','{"linkedin_url":"linkedin.com/in/person-17","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,19,'person-18','{"linkedin_url":"linkedin.com/in/person-18","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,20,'person-19','{"linkedin_url":"linkedin.com/in/person-19","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,21,'person-20','{"linkedin_url":"linkedin.com/in/person-20","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,22,'person-21','{"linkedin_url":"linkedin.com/in/person-21","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,23,'person-22','{"linkedin_url":"linkedin.com/in/person-22","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,24,'person-23','{"linkedin_url":"linkedin.com/in/person-23","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,25,'person-24','{"linkedin_url":"linkedin.com/in/person-24","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,26,'person-25','{"linkedin_url":"linkedin.com/in/person-25","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,27,'person-26','{"linkedin_url":"linkedin.com/in/person-26","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,28,'person-27','{"linkedin_url":"linkedin.com/in/person-27","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,29,'person-28','{"linkedin_url":"linkedin.com/in/person-28","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,30,'person-29','{"linkedin_url":"linkedin.com/in/person-29","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,31,'person-30','{"linkedin_url":"linkedin.com/in/person-30","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,32,'person-31','{"linkedin_url":"linkedin.com/in/person-31","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,33,'person-32','{"linkedin_url":"linkedin.com/in/person-32","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,34,'person-33','{"linkedin_url":"linkedin.com/in/person-33","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,35,'person-34','{"linkedin_url":"linkedin.com/in/person-34","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,36,'person-35','{"linkedin_url":"linkedin.com/in/person-35","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,37,'person-36','{"linkedin_url":"linkedin.com/in/person-36","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,38,'person-37','{"linkedin_url":"linkedin.com/in/person-37","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,39,'person-38','{"linkedin_url":"linkedin.com/in/person-38","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,40,'person-39','{"linkedin_url":"linkedin.com/in/person-39","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,41,'person-40','{"linkedin_url":"linkedin.com/in/person-40","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,42,'person-41','{"linkedin_url":"linkedin.com/in/person-41","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,43,'person-42','{"linkedin_url":"linkedin.com/in/person-42","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,44,'person-43','{"linkedin_url":"linkedin.com/in/person-43","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,45,'person-44','{"linkedin_url":"linkedin.com/in/person-44","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,46,'person-45','{"linkedin_url":"linkedin.com/in/person-45","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,47,'person-46','{"linkedin_url":"linkedin.com/in/person-46","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,48,'person-47','{"linkedin_url":"linkedin.com/in/person-47","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,49,'person-48','{"linkedin_url":"linkedin.com/in/person-48","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,50,'person-49','{"linkedin_url":"linkedin.com/in/person-49","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,51,'person-50','{"linkedin_url":"linkedin.com/in/person-50","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,52,'person-51','{"linkedin_url":"linkedin.com/in/person-51","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,53,'person-52','{"linkedin_url":"linkedin.com/in/person-52","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,54,'person-53','{"linkedin_url":"linkedin.com/in/person-53","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,55,'person-54','{"linkedin_url":"linkedin.com/in/person-54","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,56,'person-55','{"linkedin_url":"linkedin.com/in/person-55","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,57,'person-56','{"linkedin_url":"linkedin.com/in/person-56","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,58,'person-57','{"linkedin_url":"linkedin.com/in/person-57","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,59,'person-58','{"linkedin_url":"linkedin.com/in/person-58","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,60,'person-59','{"linkedin_url":"linkedin.com/in/person-59","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,61,'person-60','{"linkedin_url":"linkedin.com/in/person-60","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,62,'person-61','{"linkedin_url":"linkedin.com/in/person-61","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,63,'person-62','{"linkedin_url":"linkedin.com/in/person-62","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,64,'person-63','{"linkedin_url":"linkedin.com/in/person-63","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,65,'person-64','{"linkedin_url":"linkedin.com/in/person-64","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,66,'person-65','{"linkedin_url":"linkedin.com/in/person-65","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,67,'person-66','{"linkedin_url":"linkedin.com/in/person-66","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,68,'person-67','{"linkedin_url":"linkedin.com/in/person-67","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,69,'person-68','{"linkedin_url":"linkedin.com/in/person-68","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,70,'person-69','{"linkedin_url":"linkedin.com/in/person-69","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,71,'person-70','{"linkedin_url":"linkedin.com/in/person-70","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,72,'person-71','{"linkedin_url":"linkedin.com/in/person-71","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,73,'person-72','{"linkedin_url":"linkedin.com/in/person-72","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,74,'person-73','{"linkedin_url":"linkedin.com/in/person-73","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,75,'person-74','{"linkedin_url":"linkedin.com/in/person-74","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,76,'person-75','{"linkedin_url":"linkedin.com/in/person-75","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,77,'person-76','{"linkedin_url":"linkedin.com/in/person-76","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,78,'person-77','{"linkedin_url":"linkedin.com/in/person-77","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,79,'person-78','{"linkedin_url":"linkedin.com/in/person-78","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,80,'person-79','{"linkedin_url":"linkedin.com/in/person-79","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,81,'person-80','{"linkedin_url":"linkedin.com/in/person-80","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,82,'person-81','{"linkedin_url":"linkedin.com/in/person-81","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,83,'person-82','{"linkedin_url":"linkedin.com/in/person-82","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,84,'person-83','{"linkedin_url":"linkedin.com/in/person-83","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,85,'person-84','{"linkedin_url":"linkedin.com/in/person-84","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,86,'person-85','{"linkedin_url":"linkedin.com/in/person-85","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,87,'person-86','{"linkedin_url":"linkedin.com/in/person-86","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,88,'person-87','{"linkedin_url":"linkedin.com/in/person-87","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,89,'person-88','{"linkedin_url":"linkedin.com/in/person-88","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,90,'person-89','{"linkedin_url":"linkedin.com/in/person-89","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,91,'person-90','{"linkedin_url":"linkedin.com/in/person-90","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,92,'person-91','{"linkedin_url":"linkedin.com/in/person-91","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,93,'person-92','{"linkedin_url":"linkedin.com/in/person-92","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,94,'person-93','{"linkedin_url":"linkedin.com/in/person-93","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,95,'person-94','{"linkedin_url":"linkedin.com/in/person-94","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,96,'person-95','{"linkedin_url":"linkedin.com/in/person-95","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,97,'person-96','{"linkedin_url":"linkedin.com/in/person-96","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,98,'person-97','{"linkedin_url":"linkedin.com/in/person-97","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,99,'person-98','{"linkedin_url":"linkedin.com/in/person-98","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,100,'person-99','{"linkedin_url":"linkedin.com/in/person-99","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,101,'person-100','{"linkedin_url":"linkedin.com/in/person-100","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,102,'person-101','{"linkedin_url":"linkedin.com/in/person-101","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,103,'person-102','{"linkedin_url":"linkedin.com/in/person-102","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,104,'person-103','{"linkedin_url":"linkedin.com/in/person-103","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,105,'person-104','{"linkedin_url":"linkedin.com/in/person-104","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,106,'person-105','{"linkedin_url":"linkedin.com/in/person-105","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,107,'person-106','{"linkedin_url":"linkedin.com/in/person-106","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,108,'person-107','{"linkedin_url":"linkedin.com/in/person-107","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,109,'person-108','{"linkedin_url":"linkedin.com/in/person-108","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,110,'person-109','{"linkedin_url":"linkedin.com/in/person-109","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,111,'person-110','{"linkedin_url":"linkedin.com/in/person-110","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,112,'person-111','{"linkedin_url":"linkedin.com/in/person-111","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,113,'person-112','{"linkedin_url":"linkedin.com/in/person-112","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,114,'person-113','{"linkedin_url":"linkedin.com/in/person-113","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,115,'person-114','{"linkedin_url":"linkedin.com/in/person-114","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,116,'person-115','{"linkedin_url":"linkedin.com/in/person-115","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,117,'person-116','{"linkedin_url":"linkedin.com/in/person-116","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,118,'person-117','{"linkedin_url":"linkedin.com/in/person-117","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,119,'person-118','{"linkedin_url":"linkedin.com/in/person-118","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(3,120,'person-119','{"linkedin_url":"linkedin.com/in/person-119","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(4,1,'ceo	acme','{"title":"CEO","company_name":"Acme Inc"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(5,1,'ann@acme.example','{"email":"ann@acme.example"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(6,1,'a','{"linkedin_url":"linkedin.com/in/a","note":"Ünïcode 😀"}','processing',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(6,2,'b','{"linkedin_url":"linkedin.com/in/b","note":"Ünïcode 😀"}','processing',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(6,3,'c','{"linkedin_url":"linkedin.com/in/c","note":"Ünïcode 😀"}','queued',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(7,1,'x','{"linkedin_url":"linkedin.com/in/x","note":"Ünïcode 😀"}','canceled',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(7,2,'y','{"linkedin_url":"linkedin.com/in/y","note":"Ünïcode 😀"}','canceled',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(8,1,'x','{"linkedin_url":"linkedin.com/in/x","note":"Ünïcode 😀"}','canceled',0,NULL,NULL);
INSERT INTO "lead_list_entries" VALUES(8,2,'y','{"linkedin_url":"linkedin.com/in/y","note":"Ünïcode 😀"}','canceled',0,NULL,NULL);
CREATE TABLE lead_lists (
	id INTEGER NOT NULL, 
	public_id TEXT NOT NULL, 
	workspace_id INTEGER NOT NULL, 
	owner_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	type TEXT NOT NULL, 
	status TEXT DEFAULT 'queued' NOT NULL, 
	shared BOOLEAN DEFAULT 0 NOT NULL, 
	visible BOOLEAN DEFAULT 1 NOT NULL, 
	enrich BOOLEAN NOT NULL, 
	validate_email BOOLEAN NOT NULL, 
	reveal_phone_numbers BOOLEAN NOT NULL, 
	capacity INTEGER NOT NULL, 
	entry_count INTEGER DEFAULT '0' NOT NULL, 
	last_sequence INTEGER DEFAULT '0' NOT NULL, 
	queued INTEGER DEFAULT '0' NOT NULL, 
	processing INTEGER DEFAULT '0' NOT NULL, 
	done INTEGER DEFAULT '0' NOT NULL, 
	failed INTEGER DEFAULT '0' NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	deleted_at BIGINT, 
	CONSTRAINT pk_lead_lists PRIMARY KEY (id), 
	CONSTRAINT ck_lead_lists_status CHECK (status IN ('queued', 'processing', 'completed', 'canceled')), 
	CONSTRAINT ck_lead_lists_type CHECK (type IN ('linkedin', 'email', 'titles_and_company')), 
	CONSTRAINT ck_lead_lists_capacity CHECK (entry_count >= 0 AND entry_count <= capacity), 
	CONSTRAINT ck_lead_lists_progress_total CHECK (queued + processing + done + failed <= entry_count), 
	CONSTRAINT ck_lead_lists_progress CHECK (queued >= 0 AND processing >= 0 AND done >= 0 AND failed >= 0), 
	CONSTRAINT fk_lead_lists_owner_id FOREIGN KEY(owner_id) REFERENCES users (id), 
	CONSTRAINT fk_lead_lists_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id), 
	CONSTRAINT uq_lead_lists_public_id UNIQUE (public_id)
);
INSERT INTO "lead_lists" VALUES(1,'01a2189d-80cc-73ad-af38-046800f40e3d',2,1,'completed','linkedin','completed',1,1,1,1,1,60000,4,4,0,0,4,0,1795709305036,1795709305363,NULL);
INSERT INTO "lead_lists" VALUES(2,'01a2189d-830b-7d03-bedb-afcf52627e75',2,1,'waiting','linkedin','processing',1,1,1,1,1,60000,2,2,1,0,1,0,1795709305611,1795709305816,NULL);
INSERT INTO "lead_lists" VALUES(3,'01a2189d-841a-71e3-88ae-96eeacc74044',2,1,'queued','linkedin','queued',1,1,1,1,1,60000,120,120,120,0,0,0,1795709305882,1795709306088,NULL);
INSERT INTO "lead_lists" VALUES(4,'01a2189d-853e-75c9-bbc6-d39e926c21b2',2,1,'titles','titles_and_company','queued',1,1,1,0,0,60000,1,1,1,0,0,0,1795709306174,1795709306174,NULL);
INSERT INTO "lead_lists" VALUES(5,'01a2189d-8568-7e2d-8cb1-019c2b0d4ba2',2,1,'plain','email','queued',1,1,0,0,0,60000,1,1,1,0,0,0,1795709306216,1795709306216,NULL);
INSERT INTO "lead_lists" VALUES(6,'01a2189d-8581-71a8-a712-1b084e5675bd',2,1,'processing','linkedin','processing',1,1,1,1,1,60000,3,3,1,2,0,0,1795709306241,1795709306241,NULL);
INSERT INTO "lead_lists" VALUES(7,'01a2189d-85e4-78eb-a219-728f0b4f7a27',2,1,'canceled','linkedin','canceled',1,1,1,1,1,60000,2,2,0,0,0,0,1795709306340,1795709306414,NULL);
INSERT INTO "lead_lists" VALUES(8,'01a2189d-864e-7bbe-bc76-e4eca59ee26a',2,1,'deleted','linkedin','canceled',1,1,1,1,1,60000,2,2,0,0,0,0,1795709306446,1795709306455,1795709306455);
CREATE TABLE person_charges (
	workspace_id INTEGER NOT NULL, 
	person_id TEXT NOT NULL, 
	charged_at BIGINT NOT NULL, 
	CONSTRAINT pk_person_charges PRIMARY KEY (workspace_id, person_id), 
	CONSTRAINT fk_person_charges_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
INSERT INTO "person_charges" VALUES(2,'3c4eb00e-1b20-8251-b375-64e606e3ec14',1795709305363);
INSERT INTO "person_charges" VALUES(2,'81f8f6dd-e883-85f3-9287-96ec7aa53f72',1795709305363);
INSERT INTO "person_charges" VALUES(2,'8adabe0b-d094-8f95-8c59-fee467e901df',1795709305363);
CREATE TABLE users (
	id INTEGER NOT NULL, 
	public_id TEXT NOT NULL, 
	account_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	email TEXT NOT NULL, 
	role TEXT NOT NULL, 
	status TEXT DEFAULT 'active' NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	CONSTRAINT ck_users_role CHECK (role IN ('admin', 'member')), 
	CONSTRAINT fk_users_account_id FOREIGN KEY(account_id) REFERENCES accounts (id), 
	CONSTRAINT uq_users_account_id_email UNIQUE (account_id, email), 
	CONSTRAINT uq_users_public_id UNIQUE (public_id)
);
INSERT INTO "users" VALUES(1,'01a2189d-76c8-77b4-9a3e-cb33a8b438a2',1,'admin','admin@acme.example','admin','active',1795709302472);
CREATE TABLE workspaces (
	id INTEGER NOT NULL, 
	account_id INTEGER NOT NULL, 
	mode TEXT NOT NULL, 
	CONSTRAINT pk_workspaces PRIMARY KEY (id), 
	CONSTRAINT ck_workspaces_mode CHECK (mode IN ('live', 'test')), 
	CONSTRAINT fk_workspaces_account_id FOREIGN KEY(account_id) REFERENCES accounts (id), 
	CONSTRAINT uq_workspaces_account_id_mode UNIQUE (account_id, mode)
);
INSERT INTO "workspaces" VALUES(1,1,'live');
INSERT INTO "workspaces" VALUES(2,1,'test');
CREATE INDEX ix_lead_lists_unfinished ON lead_lists (updated_at) WHERE status IN ('queued', 'processing');
CREATE INDEX ix_lead_lists_workspace ON lead_lists (workspace_id, id);
CREATE INDEX ix_additions_list ON additions (list_id, first_sequence);
CREATE INDEX ix_credit_entries_workspace ON credit_entries (workspace_id, id);
CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);
CREATE INDEX ix_directory_companies_domain ON directory_companies (domain);
CREATE INDEX ix_directory_companies_name_key ON directory_companies (name_key);
CREATE INDEX ix_directory_people_company ON directory_people (company_id, title_key);
CREATE INDEX ix_directory_people_email_key ON directory_people (email_key);
CREATE INDEX ix_directory_people_linkedin_key ON directory_people (linkedin_key);
CREATE INDEX ix_chunks_list ON chunks (list_id);
CREATE INDEX ix_chunks_tag ON chunks (tag, id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('chunks',10);
COMMIT;

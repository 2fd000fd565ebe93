BEGIN TRANSACTION;
CREATE TABLE articles (
	article_id TEXT NOT NULL, 
	url TEXT NOT NULL, 
	current_key BIGINT NOT NULL, 
	origin_id TEXT NOT NULL, 
	signature BLOB NOT NULL, 
	PRIMARY KEY (article_id), 
	UNIQUE (url)
);
INSERT INTO "articles" VALUES('95bbca1f9b4bae7d','https://news.example/a',1,'95bbca1f9b4bae7d',X'DE1D7FB49D9D61AA69CCD7F49200DC0F4889BDE4FE3D8DB4D793985BB2CA4C4C');
INSERT INTO "articles" VALUES('057ae1922040cce1','https://news.example/b',3,'057ae1922040cce1',X'451B9C8C76B75DCCC404929EC18E4CA648332706B4454A8142F65BFF7C499BBA');
CREATE TABLE bodies (
	version_key BIGINT NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (version_key), 
	FOREIGN KEY(version_key) REFERENCES versions (version_key)
);
INSERT INTO "bodies" VALUES(1,'The ferry sank.');
INSERT INTO "bodies" VALUES(2,'Kozlov came.');
INSERT INTO "bodies" VALUES(3,'Kozlov left.');
CREATE TABLE changes (
	revision BIGINT NOT NULL, 
	place INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	article_id TEXT NOT NULL, 
	version TEXT NOT NULL, 
	version_key BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (revision, place)
);
INSERT INTO "changes" VALUES(1,0,'added','95bbca1f9b4bae7d','sha256:f3b47d8431d1c69d053cdf610f939eb6fcdcd68dcf4003e36cd93c7f4ea5931d',1,1714564800);
INSERT INTO "changes" VALUES(1,1,'added','057ae1922040cce1','sha256:edba960312cd58431232bcba9421dd1506e8af05f2f5f29c0920566b1af82ede',2,1714564800);
INSERT INTO "changes" VALUES(2,0,'updated','057ae1922040cce1','sha256:6d5e55ac2056704fb3cd2c3939f9204014392e464112ddb172b1b225b1264875',3,1714564800);
CREATE TABLE chunks (
	chunk_key BIGINT NOT NULL, 
	chunk_id TEXT NOT NULL, 
	version_key BIGINT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	revision BIGINT NOT NULL, 
	embedding BLOB NOT NULL, 
	PRIMARY KEY (chunk_key), 
	UNIQUE (chunk_id), 
	FOREIGN KEY(version_key) REFERENCES versions (version_key)
);
INSERT INTO "chunks" VALUES(1,'95bbca1f9b4bae7d-f3b47d8431d1-0',1,0,0,15,1,X'B0CBC5BA33D7133F0CD690BE2A0C44BF');
INSERT INTO "chunks" VALUES(2,'057ae1922040cce1-edba960312cd-0',2,0,0,12,1,X'5873C93D19BC4BBD7AC6213F806344BF');
INSERT INTO "chunks" VALUES(3,'057ae1922040cce1-6d5e55ac2056-0',3,0,0,12,2,X'960AB8BE8335B33EEDA1763EECB054BF');
CREATE TABLE counters (
	name TEXT NOT NULL, 
	last BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "counters" VALUES('version_key',3);
INSERT INTO "counters" VALUES('chunk_key',3);
CREATE TABLE failures (
	"key" TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY ("key", place)
);
CREATE TABLE meta (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('schema','1');
INSERT INTO "meta" VALUES('library','dd480f0bbb204960921255a3e16b8e1f');
INSERT INTO "meta" VALUES('model.name','hashing');
INSERT INTO "meta" VALUES('model.digest','sha256:hashing000000000000000000000000000000000000000000000000000000000');
INSERT INTO "meta" VALUES('model.dimensions','4');
CREATE TABLE origin_bands (
	band BIGINT NOT NULL, 
	article_id TEXT NOT NULL, 
	PRIMARY KEY (band, article_id), 
	FOREIGN KEY(article_id) REFERENCES articles (article_id)
);
INSERT INTO "origin_bands" VALUES(27476373404589534,'95bbca1f9b4bae7d');
INSERT INTO "origin_bands" VALUES(26378892627155781,'057ae1922040cce1');
CREATE TABLE sources (
	"key" TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	articles INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE versions (
	version_key BIGINT NOT NULL, 
	article_id TEXT NOT NULL, 
	version TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	title TEXT, 
	outlet TEXT, 
	outlet_key TEXT NOT NULL, 
	byline TEXT, 
	dateline TEXT, 
	section TEXT, 
	language TEXT, 
	source TEXT NOT NULL, 
	published TEXT, 
	published_is_guess BOOLEAN NOT NULL, 
	published_start BIGINT, 
	published_end BIGINT, 
	modified TEXT, 
	modified_is_guess BOOLEAN NOT NULL, 
	ingested_at BIGINT NOT NULL, 
	visible_from BIGINT, 
	visible_until BIGINT, 
	is_current BOOLEAN NOT NULL, 
	revision BIGINT NOT NULL, 
	PRIMARY KEY (version_key), 
	UNIQUE (article_id, version), 
	FOREIGN KEY(article_id) REFERENCES articles (article_id)
);
INSERT INTO "versions" VALUES(1,'95bbca1f9b4bae7d','sha256:f3b47d8431d1c69d053cdf610f939eb6fcdcd68dcf4003e36cd93c7f4ea5931d',1,'A visit','The Harbour Post','harbour post',NULL,NULL,NULL,NULL,'','2023-11-16',0,1700092800,1700179199,NULL,0,1714564800,1700179199,NULL,1,1);
INSERT INTO "versions" VALUES(2,'057ae1922040cce1','sha256:edba960312cd58431232bcba9421dd1506e8af05f2f5f29c0920566b1af82ede',1,'A visit','The Harbour Post','harbour post',NULL,NULL,NULL,NULL,'','2023-11-16',0,1700092800,1700179199,NULL,0,1714564800,1700179199,1700351999,0,2);
INSERT INTO "versions" VALUES(3,'057ae1922040cce1','sha256:6d5e55ac2056704fb3cd2c3939f9204014392e464112ddb172b1b225b1264875',2,'A visit','The Harbour Post','harbour post',NULL,NULL,NULL,NULL,'','2023-11-16',0,1700092800,1700179199,'2023-11-18',0,1714564800,1700351999,NULL,1,2);
CREATE INDEX ix_articles_origin_id ON articles (origin_id);
CREATE INDEX ix_versions_revision ON versions (revision);
CREATE INDEX ix_origin_bands_article_id ON origin_bands (article_id);
CREATE INDEX ix_chunks_revision ON chunks (revision);
CREATE INDEX ix_chunks_version_key ON chunks (version_key);
COMMIT;

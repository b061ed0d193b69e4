-- The second database of the plans that have one.
CREATE TABLE accounts (
  id     int PRIMARY KEY,
  number int NOT NULL UNIQUE,
  email  text NOT NULL
);
INSERT INTO accounts SELECT i, 70000 + i, 'customer' || i || '@example.com' FROM generate_series(1, 200) i;

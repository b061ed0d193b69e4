-- A small shop, the same for every plan of the tour.
CREATE TABLE customers (
  id      int PRIMARY KEY,
  name    text NOT NULL,
  email   text,
  address text NOT NULL
);
CREATE TABLE orders (
  id          int  PRIMARY KEY,
  customer_id int  NOT NULL REFERENCES customers,
  ordered_on  date NOT NULL,
  status      text NOT NULL
);
CREATE TABLE invoices (
  id       int PRIMARY KEY,
  order_id int NOT NULL REFERENCES orders,
  amount   numeric(10,2) NOT NULL
);
CREATE TABLE shop_statistics (
  id       int PRIMARY KEY,
  invoices bigint NOT NULL
);

INSERT INTO customers
  SELECT i, 'Customer ' || i, 'customer' || i || CASE WHEN i % 4 = 0 THEN '@example.org' ELSE '@example.com' END,
         i || ' Harbour Road, ' || CASE WHEN i % 2 = 0 THEN 'Bergen' ELSE 'Porto' END
  FROM generate_series(1, 200) i;
INSERT INTO orders
  SELECT i, 1 + i % 200, date '2025-01-01' + i % 365, CASE WHEN i % 3 = 0 THEN 'shipped' ELSE 'paid' END
  FROM generate_series(1, 1000) i;
INSERT INTO invoices
  SELECT i, i, CASE WHEN i % 50 = 0 THEN 0 ELSE i % 90 + 0.25 END
  FROM generate_series(1, 1000) i;
INSERT INTO shop_statistics VALUES (1, 1000);

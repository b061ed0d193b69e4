-- Taken in by 13-sql-files.cairn.
CREATE VIEW customer_turnover AS
  SELECT c.id, c.name, coalesce(sum(i.amount), 0) AS turnover
  FROM customers c
  LEFT JOIN orders o ON o.customer_id = c.id
  LEFT JOIN invoices i ON i.order_id = o.id
  GROUP BY c.id, c.name;

CREATE FUNCTION top_customers(how_many int) RETURNS SETOF customer_turnover
  LANGUAGE sql STABLE
  AS 'SELECT * FROM customer_turnover ORDER BY turnover DESC, id LIMIT how_many';

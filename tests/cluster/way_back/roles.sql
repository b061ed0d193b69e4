CREATE ROLE way_reader;
CREATE ROLE way_writer;

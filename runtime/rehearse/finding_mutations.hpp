// Looks for what may be changed on the copy that a check should trip over: rows and values of what it reads, and objects that it names.
#pragma once

#include <string>
#include <vector>

#include "runtime/rehearse/mutations.hpp"

namespace cairn::rehearse {

class FindingMutations {
public:
    FindingMutations(postgres::Session& session, const compiler::Check& check);
    std::vector<Mutation> all();

private:
    struct Column {
        std::string name, category, type;
        std::vector<std::string> labels;
    };

    postgres::Answer ask(const std::string& query);
    void add(std::string what, std::vector<std::string> sql, std::string make_way = {});
    std::vector<std::string> tables_read();
    static std::string one_row(const std::string& table);
    static std::string without_constraints(const std::string& table);
    void rows(const std::string& table);
    [[nodiscard]] std::vector<std::string> others(const Column& column) const;
    [[nodiscard]] std::vector<Column> columns_of(const std::string& table);
    void values(const std::string& table);

    // mutations_of_objects.cpp
    void objects();
    void relation(const std::string& name);
    void parts_of(const std::string& relation, const std::string& oid, const std::string& part);
    void routines(const std::string& name);
    void absent(const std::string& name);

    postgres::Session& session_;
    const compiler::Check& check_;
    std::vector<std::string> constants_;
    std::vector<Mutation> mutations_;
    bool of_rows_ = false;
};

// Of an answer's rows, where it is not NULL.
[[nodiscard]] std::vector<std::string> first_column(const postgres::Answer&);

}  // namespace cairn::rehearse

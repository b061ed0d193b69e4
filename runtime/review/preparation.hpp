// Takes the items of one database, in their order, through its copy: definitions are made, what
// reads or changes rows is analysed.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/compile.hpp"
#include "compiler/preview/found.hpp"
#include "runtime/review/copy.hpp"
#include "runtime/review/database.hpp"
#include "runtime/review/deferred.hpp"
#include "runtime/review/reliances.hpp"

namespace cairn::review {

class Preparation {
public:
    Preparation(const compiler::StepGraph& graph, Database& database, Copy& copy)
        : graph_(graph), database_(database), copy_(copy) {}

    // The next item; a group is opened and closed with its members.
    void item(const compiler::Item&);
    // What an item of another database asks of this one.
    void asked_from_elsewhere(const compiler::Item&, const std::vector<const compiler::Check*>&);
    // How many columns a statement gives, which was analysed without an error.
    [[nodiscard]] std::optional<std::size_t> columns_of(const compiler::Statement&) const;
    // A mistake that only both databases together show.
    void add(const compiler::Item&, compiler::Diagnostic);
    // A program of the plan: what it does is not known.
    void program(const compiler::Item&);
    // The items of its group that are to come may be none of this database's: closes what is open.
    void end();

    [[nodiscard]] bool broken() const { return !copy_.session.alive(); }
    [[nodiscard]] const Reliances& reliances() const { return reliances_; }
    [[nodiscard]] const std::map<std::string, compiler::PreparedItem>& items() const { return items_; }
    [[nodiscard]] bool skips(const compiler::Item&) const;
    [[nodiscard]] std::vector<compiler::Diagnostic>& diagnostics() { return diagnostics_; }

private:
    // An item that was refused, or not run: what it would have made later items miss.
    struct Missed {
        std::string item;
        std::set<std::string> names;
        bool anything = false;  // no name in its text tells what
        bool refused = false;
    };
    enum class Said { runs, skips, unknown };
    [[nodiscard]] Said ask_when(const compiler::Item&);
    void step(const compiler::Item&, const compiler::StepItem&);
    void checks(const compiler::Item&, const std::vector<compiler::Check>&);
    void written_way_back(const compiler::Item&);
    // Whether the item's definitions stand; false: one of them was refused.
    [[nodiscard]] bool statement(const compiler::Item&, const compiler::Statement&, bool inside);
    void analyse(const compiler::Item&, const compiler::Statement&);
    void look_for_pending(const compiler::Statement&, bool inside);
    void look_out_of_sight(const compiler::Item&, const compiler::Statement&);
    [[nodiscard]] bool execute(const compiler::Item&, const compiler::Statement&,
                               const std::string& sql, bool inside);
    void refused(const compiler::Item&, const compiler::Statement&, const postgres::ServerError&);
    void not_checked(const compiler::Item&, const compiler::Statement&, const std::string& why);
    [[nodiscard]] bool lacks_parameter(const compiler::Item&, const compiler::Statement&);
    [[nodiscard]] const Missed* because_of(const postgres::ServerError&) const;
    [[nodiscard]] std::string suggestion(const compiler::Statement&, const postgres::ServerError&);
    bool send(const std::string& sql) { return copy_.session.query(sql).ok(); }

    const compiler::StepGraph& graph_;
    Database& database_;
    Copy& copy_;
    Reliances reliances_;
    DeferredChecks deferred_;
    std::map<std::string, compiler::PreparedItem> items_;
    std::vector<compiler::Diagnostic> diagnostics_;
    std::optional<std::uint32_t> group_;
    bool changed_ = false;           // some definition is another than the real database's
    std::set<std::string> written_;  // relations that items before have changed
    std::vector<Missed> missed_;
    std::map<const compiler::Statement*, std::size_t> columns_;
    void miss(const compiler::Item&, const compiler::Statement&, bool refused);
};

}  // namespace cairn::review

// The way from one state of definitions back to the one before, in the order in which its statements can be run.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "runtime/catalog/definitions.hpp"
#include "runtime/catalog/definitions/plan.hpp"

namespace cairn::catalog {

using How = Facet::How;

class Way {
public:
    Way(const Definitions& before, const Definitions& after) : plan_(before, after) {}

    WayBack take();

private:
    // Without rows to be put back there is one list.
    std::vector<std::string>& second() {
        return way_.losses.empty() ? way_.before_rows : way_.after_rows;
    }

    // The statements in `sql`, which may be several, come behind the others.
    static void add(std::vector<std::string>& to, const std::string& sql);
    static bool is_late_phase(const Facet&);

    void reset_last();
    void reset_all();
    static bool is_not_null(const std::string& facet) {
        return facet.starts_with("column ") && facet.ends_with(" not null");
    }
    void reset(const Object& object, const std::string& name, const Facet& facet);
    void reset_one(const Object& object, const std::string& name, const Facet& facet);
    void make_schemas();
    void find_needed();
    void make(const ObjectId& id);
    void make_whole(const Object& object, std::vector<std::string>& out);
    void make_inherited(const Object& constraint, std::vector<std::string>& out);
    bool gets_parent(const Object& table) const;
    void change(const Object& object, std::vector<std::string>& out);
    void change_one(const Object& object, const std::string& name, const Facet& facet, const std::set<int>& retyped,
                    std::vector<std::string>& out);
    void retype(const Object& object, const std::string& name, const Facet& facet,
                std::vector<std::string>& out);
    void let_be_null(const Object& table, const std::string& column,
                     std::vector<std::string>& out);
    void finish(How phase);
    void guard();

    Plan plan_;
    WayBack way_;
    std::set<ObjectId> needed_, made_;
};

}  // namespace cairn::catalog

// What exists in the reviewed database and not, or only as a stand-in, on the scratch server.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace cairn::review {

class Lacking {
public:
    // `name` as the catalog writes it; `why` follows it: "of extension vector, which is not
    // installed here".
    void add(const std::string& name, const std::string& why) { names_.emplace(name, why); }
    // The first name of `sql`, or of what the server said of it, that is lacking: "`vector`, a type
    // of …".
    [[nodiscard]] std::optional<std::string> in(const std::string& sql,
                                                const std::string& message = {}) const;
    [[nodiscard]] bool has(const std::string& name) const { return names_.contains(name); }
    [[nodiscard]] const std::map<std::string, std::string>& all() const { return names_; }

private:
    std::map<std::string, std::string> names_;
};

}  // namespace cairn::review

#include "runtime/undo/fingerprint.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

namespace cairn::undo {
namespace {

using catalog::Facet;
using catalog::Object;

std::string digest(const std::string& text, std::size_t bytes) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
    std::string out;
    for (std::size_t i = 0; i < bytes; ++i) out += fmt::format("{:02x}", hash[i]);
    return out;
}

std::string without_numbers(std::string name) {
    std::erase_if(name, [](char c) { return c >= '0' && c <= '9'; });
    return name;
}

// What was made again has another number, which some names hold: columns, an enum's labels, roles; files and sequences'
// values change without anybody's doing.
bool counts(const std::string& name, const Facet& facet) {
    using How = Facet::How;
    return facet.how != How::fresh && facet.how != How::contents && name != "file";
}

std::string told(const Object& object, const std::string& name, const Facet& facet) {
    // CREATE TABLE tells the order of the columns too, which is another where one was made again.
    const bool table = name.empty() && object.word.ends_with("TABLE");
    // What sets a sequence's bounds sets its value too, and nextval() is no change of the sequence.
    const bool by_value = facet.set.empty() || table || name == "bounds";
    return without_numbers(name) + '\0' + (by_value ? facet.value : facet.set);
}

// A facet's first words, and what a person calls it. Where that is empty it is "its", and the facet's words.
constexpr std::pair<std::string_view, const char*> words[] = {
    {"attributes", "its attributes"},
    {"privilege ", "its privileges"},
    {"table ", "its tables"},
    {"schema ", "its schemas"},
    {"in ", "its members"},
    {"member of ", "its memberships"},
    {"inherits ", "the tables it inherits from"},
    {"partition", "the table it is a partition of"},
    {"name", "its name or schema"},
    {"publish", "what it publishes"},
    {"row level security", "row level security"},
    {"enabled", "whether it is enabled"},
    {"deferrable", "whether it is deferrable"},
    {"invalid", "whether it is valid"},
    {"clustered on", "whether its table is clustered by it"},
    {"logged", "whether it is logged"},
    {"row type ", "its row type"},
    {"comment on ", "the comment on a part of it"},
    {"mapping for ", "its mappings"},
    {"depends on extension ", "the extensions it depends on"},
};

std::string of_column(const Object& object, const std::string& name) {
    const int number = std::stoi(name.substr(7, 4));
    const auto& all = object.columns;
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& column) { return column.second == number; });
    const std::string column = found == all.end() ? "one of its columns" : "column " + found->first;
    return name.ends_with(" comment") ? "the comment on " + column : column;
}

std::string in_words(const Object& object, const std::string& name, const Facet& facet) {
    if (name.empty()) return "its definition";
    if (name.starts_with("column ") && name.size() >= 11) return of_column(object, name);
    if (facet.how == Facet::How::rename && name.starts_with("label ")) return "value " + facet.value;
    if (facet.how == Facet::How::rename && name.starts_with("attribute ")) return "attribute " + facet.value;
    if (name.starts_with("option ") || name.starts_with("setting ")) return name;
    for (const auto& [first, what] : words) {
        if (name.starts_with(first)) return what;
    }
    std::string plain = without_numbers(name);
    while (plain.ends_with(' ')) plain.pop_back();
    return "its " + plain;
}

}  // namespace

std::string fingerprint(const Object& object) {
    std::vector<std::string> parts;
    for (const auto& [name, facet] : object.facets) {
        if (counts(name, facet)) parts.push_back(told(object, name, facet));
    }
    std::sort(parts.begin(), parts.end());
    std::string text = object.identity;
    for (const auto& part : parts) text += '\0' + part;
    return digest(text, 16);
}

Parts fingerprints_of_parts(const Object& object) {
    std::map<std::string, std::vector<std::string>> texts{{"its name or schema", {object.identity}}};
    for (const auto& [name, facet] : object.facets) {
        if (counts(name, facet)) texts[in_words(object, name, facet)].push_back(told(object, name, facet));
    }
    Parts parts;
    for (auto& [part, of] : texts) {
        std::sort(of.begin(), of.end());
        std::string text;
        for (const auto& one : of) text += one + '\0';
        parts[part] = digest(text, 4);
    }
    return parts;
}

std::string what_differs(const Parts& were, const Object& now) {
    if (were.empty()) return {};
    const Parts are = fingerprints_of_parts(now);
    std::set<std::string> differ;
    for (const auto& [part, hash] : were) {
        const auto found = are.find(part);
        if (found == are.end() || found->second != hash) differ.insert(part);
    }
    for (const auto& [part, hash] : are) {
        if (!were.contains(part)) differ.insert(part);
    }
    std::string out;
    for (const auto& part : differ) out += (out.empty() ? "" : ", ") + part;
    return out;
}

}  // namespace cairn::undo

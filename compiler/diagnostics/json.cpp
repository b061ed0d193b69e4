#include <nlohmann/json.hpp>

#include "compiler/diagnostics/diagnostic.hpp"

namespace cairn::compiler {

namespace {

using Json = nlohmann::ordered_json;

// The end is exclusive, as editors count it.
void put_place(Json& out, const std::optional<Location>& where, const Sources& sources) {
    if (!where) {
        for (const char* key : {"file", "line", "column", "end_line", "end_column"})
            out[key] = nullptr;
        return;
    }
    const Source& source = sources.at(where->source);
    const LineColumn begin = source.position(where->span.begin);
    const LineColumn end = source.position(where->span.end);
    out["file"] = source.name();
    out["line"] = begin.line;
    out["column"] = begin.column;
    out["end_line"] = end.line;
    out["end_column"] = end.column;
}

}  // namespace

std::string to_json(const Diagnostic& d, const Sources& sources) {
    Json out;
    put_place(out, d.where, sources);
    out["severity"] = name(d.severity);
    out["code"] = code_name(d.code);
    out["message"] = d.message;
    out["help"] = d.help.empty() ? Json(nullptr) : Json(d.help);
    if (!d.labels.empty()) {
        Json labels = Json::array();
        for (const Label& label : d.labels) {
            Json& one = labels.emplace_back();
            put_place(one, label.where, sources);
            one["text"] = label.text;
        }
        out["labels"] = std::move(labels);
    }
    // A message may quote bytes of a file that is not UTF-8.
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace cairn::compiler

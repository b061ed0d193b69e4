#include "compiler/sql/scan.hpp"

#include <pg_query.h>

#include <algorithm>
#include <memory>

#include "compiler/sql/failure.hpp"

namespace cairn::sql {
namespace {

// Reads the protobuf wire format of pg_query.proto's ScanResult. Written out here because Debian's
// header for it needs protobuf-c's own, and four integers a token need no library.
class Wire {
public:
    explicit Wire(std::string_view bytes) : bytes_(bytes) {}
    [[nodiscard]] bool done() const { return at_ >= bytes_.size(); }

    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; !done() && shift < 64; shift += 7) {
            const auto byte = static_cast<unsigned char>(bytes_[at_++]);
            value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
            if ((byte & 0x80U) == 0) break;
        }
        return value;
    }
    std::string_view block() {
        const std::size_t size = varint();
        const std::string_view part = bytes_.substr(at_, size);
        at_ += part.size();
        return part;
    }

private:
    std::string_view bytes_;
    std::size_t at_ = 0;
};

constexpr std::uint64_t embedded = 2;  // wire type: a block with its length before it

Token read_token(std::string_view bytes) {
    Token token;
    for (Wire wire(bytes); !wire.done();) {
        const std::uint64_t field = wire.varint() >> 3U;
        const std::uint64_t value = wire.varint();
        if (field == 1) token.begin = static_cast<std::uint32_t>(value);
        if (field == 2) token.end = static_cast<std::uint32_t>(value);
        if (field == 4) token.kind = static_cast<TokenKind>(value);
        if (field == 5) token.keyword = value != 0;
    }
    return token;
}

// libpg_query 15 gives `U&'…'` and `U&"…"` a wrong end: it is looked for again.
std::uint32_t end_of_unicode(const std::string& text, std::uint32_t begin) {
    const char quote = begin + 2 < text.size() ? text[begin + 2] : '\0';
    std::size_t at = begin + 3U;
    while (at < text.size()) {
        at = std::min(text.find(quote, at), text.size() - 1) + 1;
        if (at < text.size() && text[at] == quote) {  // a doubled quote
            ++at;
            continue;
        }
        const std::size_t next =
            text.find_first_not_of(" \t\r\n", at);  // goes on after a line break?
        const bool continues = quote == '\'' && next != std::string::npos && text[next] == quote &&
                               text.substr(at, next - at).find('\n') != std::string::npos;
        if (!continues) break;
        at = next + 1;
    }
    return static_cast<std::uint32_t>(std::min(at, text.size()));
}

bool is_comment(TokenKind kind) {
    return kind == TokenKind::sql_comment || kind == TokenKind::c_comment;
}

}  // namespace

Scan scan(const std::string& text) {
    Scan out;
    PgQueryScanResult raw = pg_query_scan(text.c_str());
    const std::unique_ptr<PgQueryScanResult, void (*)(PgQueryScanResult*)> guard(
        &raw, [](PgQueryScanResult* r) { pg_query_free_scan_result(*r); });
    if (raw.error != nullptr) {
        out.failure = scan_failure(raw.error->message, raw.error->cursorpos, text);
        return out;
    }
    for (Wire wire({raw.pbuf.data, raw.pbuf.len}); !wire.done();) {
        if ((wire.varint() & 7U) != embedded) {
            wire.varint();
            continue;
        }
        Token token = read_token(wire.block());
        if (token.kind == TokenKind::uident || token.kind == TokenKind::usconst) {
            token.end = end_of_unicode(text, token.begin);
        }
        if (!is_comment(token.kind)) out.tokens.push_back(token);
    }
    return out;
}

}  // namespace cairn::sql

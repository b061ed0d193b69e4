// A query whose rows are taken one by one when they are wanted: two of them can be read side by side, in constant memory.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/postgres/session.hpp"

struct pg_result;

namespace cairn::postgres {

class RowStream {
public:
    // Sends the query, which the server begins with at once. The session must do nothing else until the stream is gone.
    RowStream(Session&, const std::string& sql);
    RowStream(const RowStream&) = delete;
    RowStream& operator=(const RowStream&) = delete;
    // What is still to come is cancelled: a transaction block is then a failed one.
    ~RowStream();

    // The next row, which stays until the call after; nullptr: there is none, and end() says why.
    using Row = std::vector<std::optional<std::string_view>>;
    [[nodiscard]] const Row* next();
    [[nodiscard]] const Answer& end() const { return end_; }

private:
    void finish(Answer);
    void release();

    Session& session_;
    pg_result* result_ = nullptr;
    Row row_;
    Answer end_;
    bool ended_ = false;
};

}  // namespace cairn::postgres

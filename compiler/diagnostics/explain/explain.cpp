#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

const Page* find_page(std::uint16_t code) {
    for (const auto family : {name_pages(), order_pages()}) {
        for (const Page& page : family) {
            if (page.code == code) return &page;
        }
    }
    return nullptr;
}

}  // namespace cairn::compiler

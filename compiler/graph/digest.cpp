#include "compiler/graph/digest.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <memory>

namespace cairn::compiler {

namespace {

class Sha256 {
public:
    Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
        EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
    }
    void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
    [[nodiscard]] std::string hex() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
        unsigned int length = 0;
        EVP_DigestFinal_ex(context_.get(), bytes.data(), &length);
        std::string out;
        for (unsigned int i = 0; i < length; ++i) out += fmt::format("{:02x}", bytes[i]);
        return out;
    }

private:
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

}  // namespace

std::string digest(std::string_view plan, const std::vector<std::pair<std::string, std::string>>& files) {
    Sha256 hash;
    hash.add(plan);
    // Neither a plan nor a path holds a NUL, and the lengths keep two files from being read as one.
    for (const auto& [path, content] : files) {
        hash.add(std::string_view("\0", 1));
        hash.add(path);
        hash.add(std::string_view("\0", 1));
        hash.add(std::to_string(content.size()));
        hash.add(std::string_view("\0", 1));
        hash.add(content);
    }
    return "sha256:" + hash.hex();
}

}  // namespace cairn::compiler

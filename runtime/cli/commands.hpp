// The commands, one a file: each does its job and returns the exit code of cli.md.
#pragma once

#include "runtime/cli/invocation.hpp"

namespace cairn::cli {

int check(const Invocation&);
int explain(const Invocation&);
int preview(const Invocation&);
int rehearse(const Invocation&);
int apply(const Invocation&);
int resume(const Invocation&);
int rollback(const Invocation&);
int finalize(const Invocation&);
int status(const Invocation&);
int history(const Invocation&);
int log(const Invocation&);
int adopt(const Invocation&);
int format(const Invocation&);
int init(const Invocation&);
int completion(const Invocation&);
int man(const Invocation&);
// The words that exist and have no runtime yet: exit 2.
int later(const Invocation&);

}  // namespace cairn::cli

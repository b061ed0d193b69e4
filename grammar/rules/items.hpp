// The kinds of item. Each is its keyword, a name, where it works, and a body.
#pragma once

#include "grammar/rules/clauses.hpp"

namespace cairn::grammar::rules {

template <typename Body, Word W>
struct item_keyword : handmade<item_keyword<Body, W>> {
    static bool scan(Input& in, Builder& b) {
        if (!phrase<W>::scan(in, b)) return false;
        b.begin_clause();
        b.item().keyword = b.phrase;
        b.item().body = Body{};
        return true;
    }
};

// The keyword commits: whatever goes wrong behind it is an error of this item.
template <typename Body, Word W, typename... R>
struct item_of : seq<item_keyword<Body, W>, R...> {};

// ---------------------------------------------------------------- step

struct step_sql : sql {};
struct step_file : clause<"file", string> {};
struct step_changes : clause<"changes", list<relation>> {};
struct step_keep : clause<"keep", phrase<"no rows">> {};
struct pause : seq<key<"pause">, must<duration>> {};
struct batch_keyword : once_phrase<"batch on"> {};
struct step_batch : seq<batch_keyword, must<column>, must<phrase<"by">>, must<number>, opt<pause>> {
};
struct step_body : body<"step", step_sql, step_file, lock_timeout<Step>, statement_timeout<Step>,
                        retry<Step>, step_changes, step_keep, step_batch, rollback_step> {};
struct step
    : item_of<Step, "step", must<item_name>, head<on_database, after, when>, must<step_body>> {};

// ---------------------------------------------------------------- validate, gate, watch

struct validate_body : body<"validate", check> {};
struct validate : item_of<Validate, "validate", must<item_name>, head<on_database, after, when>,
                          must<validate_body>> {};

struct else_stop : key<"stop"> {};
struct else_rollback : key<"rollback"> {};
struct else_way : sor<else_stop, else_rollback> {};
struct gate_else : clause<"else", else_way> {};
struct gate_confirm : repeatable_clause<"confirm", string> {};
struct gate_body : body<"gate", gate_else, gate_confirm, check> {};
struct gate
    : item_of<Gate, "gate", must<item_name>, head<on_database, after, when>, must<gate_body>> {};

struct watch_for : clause<"for", duration> {};
struct watch_every : clause<"every", duration> {};
struct watch_complete : success {};
struct watch_body : body<"watch", check> {};
struct watch : item_of<Watch, "watch", must<item_name>,
                       head<on_database, watch_for, watch_every, after, when>, watch_complete,
                       must<watch_body>> {};

// ---------------------------------------------------------------- snapshot, backup, restore

struct snapshot_keep : clause<"keep", literal, opt<at_least>> {};  // keep 3, or as a backup's
struct snapshot_body : body<"snapshot", selection, snapshot_keep> {};
struct snapshot : item_of<Snapshot, "snapshot", must<item_name>, head<on_database, after, when>,
                          opt<snapshot_body>> {};

struct to_store : seq<key<"store">, must<name>, must<string>> {};
struct to_folder : string {};
struct place : sor<to_store, to_folder> {};
struct backup_to : repeatable_clause<"to", place, opt<retention>> {};
struct backup_compress : clause<"compress", key<"zstd">, opt<number>> {};
struct backup_encrypt : clause<"encrypt to", string> {};
struct verify_checksums : key<"checksums"> {};
struct restored_checks : body<"verify restore", check> {};
struct verify_restore : seq<key<"restore">, opt<restored_checks>> {};
struct backup_proof : sor<verify_checksums, verify_restore> {};
struct backup_verify : clause<"verify", backup_proof> {};
struct setting_word : sor<name, string> {};
struct backup_engine : clause<"engine", setting_word> {};
struct backup_stanza : clause<"stanza", setting_word> {};
struct backup_type : clause<"type", setting_word> {};
struct backup_body : body<"backup", backup_to, selection, backup_compress, backup_encrypt,
                          jobs<Backup>, backup_verify, backup_engine, backup_stanza, backup_type> {
};
struct backup : item_of<Backup, "backup", must<item_name>, head<of_database, after, when>,
                        must<backup_body>> {};

struct restore_latest : key<"latest"> {};
struct restore_within : seq<key<"within">, must<duration>> {};
struct restore_from_backup
    : seq<key<"backup">, must<dotted>, opt<restore_latest>, opt<restore_within>> {};
struct restore_from_path : string {};
struct restore_source : sor<restore_from_backup, restore_from_path> {};
struct restore_from : clause<"from", restore_source> {};
struct restore_complete : success {};
struct restore_body : body<"restore", selection, jobs<Restore>, rollback_restore> {};
struct restore
    : item_of<Restore, "restore", must<item_name>, head<of_database, restore_from, after, when>,
              restore_complete, opt<restore_body>> {};

// `restore point x` is never a restore named `point`.
struct restore_point_ahead : handmade<restore_point_ahead> {
    static bool scan(Input& in, Builder& b) {
        const std::uint32_t begin = b.offset(in.current());
        std::string_view rest = rest_of(in);
        const auto next = [&rest] {
            const std::string_view word = rest.substr(0, word_length(rest));
            rest.remove_prefix(word.size());
            rest.remove_prefix(blank_length(rest));
            return word;
        };
        if (next() != "restore" || next() != "point") return false;
        const std::string_view name = next();
        const std::string_view behind = next();
        const bool restores =
            (name == "of" && next() == "from") ||
            (name == "from" && (behind == "backup" || behind.empty()) && behind != "on");
        if (restores) {
            b.fail(code::reserved_name, {begin, begin + 7},
                   "a restore may not be named `point`: `restore point x` is a point in the log");
        }
        return true;
    }
};
struct restore_point
    : seq<restore_point_ahead,
          item_of<RestorePoint, "restore point", must<item_name>, head<on_database, after, when>>> {
};

// ---------------------------------------------------------------- export, copy, clone

struct export_to : clause<"to", string> {};
struct export_complete : success {};
struct export_compress
    : seq<at<key<"compress">, name_parts>, clause<"compress", choice<"gzip", "zstd">>> {};
struct entry_name : name {};
struct export_entry : seq<entry_name, must<sql>> {};
struct export_body : body<"export", export_compress, export_entry> {};
struct export_
    : item_of<Export, "export", must<item_name>, head<of_database, export_to, after, when>,
              export_complete, must<export_body>> {};

struct copy_from_file : string {};
struct copy_from_database : name {};
struct copy_source : sor<copy_from_file, copy_from_database> {};
struct copy_from : clause<"from", copy_source> {};
struct to_database : clause<"to", name> {};
struct copy_query : sql {};
struct columns : seq<sign<'('>, must<list<name>>, must<sign<')'>>> {};
struct into_table : relation {};
struct copy_into : clause<"into", into_table, opt<columns>> {};
struct conflict_skip : key<"skip"> {};
struct conflict_keys : columns {};
struct conflict_update : seq<conflict_keys, must<key<"update">>, must<list<name>>> {};
struct conflict_way : sor<conflict_skip, conflict_update> {};
struct copy_conflict : clause<"on conflict", conflict_way> {};
struct at_most : seq<phrase<"at most">, must<number>> {};
struct copy_rejects : clause<"rejects to", string, opt<at_most>> {};
struct copy_body : body<"copy", copy_query, copy_into, copy_conflict, copy_rejects, rollback_rows> {
};
struct copy : item_of<Copy, "copy", must<item_name>, must<copy_from>, must<to_database>,
                      head<after, when>, must<copy_body>> {};

struct clone_from : clause<"from", name> {};
struct clone_existing : clause<"existing", choice<"fail", "skip", "refill", "replace">> {};
struct clone_verify : clause<"verify", choice<"contents", "counts">> {};
struct clone_body
    : body<"clone", selection, clone_existing, jobs<Clone>, clone_verify, rollback_rows> {};
struct clone : item_of<Clone, "clone", must<item_name>, must<clone_from>, must<to_database>,
                       head<after, when>, opt<clone_body>> {};

// ---------------------------------------------------------------- run, wait, notify

struct arguments : plus<string> {};
struct run_command : clause<"command", arguments> {};
struct run_timeout : clause<"timeout", duration> {};
struct run_output : clause<"output to", string> {};
struct run_rehearse : clause<"rehearse", arguments> {};
struct run_body : body<"run", run_command, run_timeout, run_output, run_rehearse, rollback_run> {};
struct run : item_of<Run, "run", must<item_name>, head<after, no_when>, must<run_body>> {};

struct before_window : seq<sign<'-'>, must<duration>> {};
struct wait_window : seq<key<"window">, opt<before_window>> {};
struct wait_instant : instant {};
struct moment : sor<wait_window, wait_instant> {};
struct wait_until : seq<key<"until">, must<moment>> {};
struct wait_duration : duration {};
struct pastime : sor<wait_until, wait_duration> {};
struct wait : item_of<Wait, "wait", must<pastime>, head<after, no_when>> {};
struct notify_words : seq<must<name>, must<string>> {};
struct notify : item_of<Notify, "notify", notify_words, head<after, no_when>> {};

// ---------------------------------------------------------------- order

struct checkpoint : item_of<Checkpoint, "checkpoint", must<item_name>, head<no_when>> {};
struct no_return_mark : success {};
struct no_return
    : item_of<Checkpoint, "point of no return", no_return_mark, must<item_name>, head<no_when>> {};

struct block;
struct loop_values : seq<sign<'('>, must<list<value>>, must<sign<')'>>> {};
struct loop_head : seq<must<name>, must<phrase<"in">>, must<loop_values>> {};
struct for_ : item_of<For, "for", loop_head, must<block>> {};
struct parallel : item_of<Parallel, "parallel", head<after, no_when>, must<block>> {};
struct transaction
    : item_of<Transaction, "transaction", head<on_database, after, when>, must<block>> {};

struct item
    : sor<step, validate, gate, watch, run, wait, notify, checkpoint, no_return, snapshot, backup,
          restore_point, restore, export_, copy, clone, for_, parallel, transaction> {};

}  // namespace cairn::grammar::rules

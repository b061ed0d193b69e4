// The clauses of one kind of item each.
#pragma once

#include "grammar/actions/on.hpp"

namespace cairn::grammar {

// ---------------------------------------------------------------- step, gate, watch

inline void put(on<rules::step_sql>, Builder& b, Span) {
    b.body<Step>().sql.push_back(b.take_sql());
}
inline void put(on<rules::step_file>, Builder& b, Span) {
    b.body<Step>().file = b.take_name();
    b.body<Step>().file_keyword = b.phrase;
}
inline void put(on<rules::step_changes>, Builder& b, Span) {
    b.body<Step>().changes = b.take_names();
}
inline void put(on<rules::step_keep>, Builder& b, Span s) {
    b.body<Step>().keep_no_rows = b.since(s.begin);
}
inline void put(on<rules::batch_keyword>, Builder& b, Span) {
    b.body<Step>().batch = {b.phrase, {}, {}, {}};
}
inline void put(on<rules::step_batch>, Builder& b, Span) {
    auto& batch = *b.body<Step>().batch;
    batch.column = b.take_name();
    batch.by = b.take_value();
    if (!b.values.empty()) batch.pause = b.take_value();
}

inline void put(on<rules::else_stop>, Builder& b, Span) {
    b.body<Gate>().otherwise = OnFailureKind::stop;
}
inline void put(on<rules::else_rollback>, Builder& b, Span) {
    b.body<Gate>().otherwise = OnFailureKind::rollback;
}
inline void put(on<rules::gate_else>, Builder& b, Span s) {
    b.body<Gate>().else_span = b.since(s.begin);
}
inline void put(on<rules::gate_confirm>, Builder& b, Span) {
    b.body<Gate>().confirms.push_back(b.take_name());
}

inline void put(on<rules::watch_for>, Builder& b, Span) {
    b.body<Watch>().for_time = b.take_value();
}
inline void put(on<rules::watch_every>, Builder& b, Span) {
    b.body<Watch>().every = b.take_value();
}
inline void put(on<rules::watch_complete>, Builder& b, Span s) {
    b.require(s.begin, "for", "for 30min");
    b.require(s.begin, "every", "every 15s");
}

// ---------------------------------------------------------------- snapshot, backup, restore

inline void put(on<rules::snapshot_keep>, Builder& b, Span) {
    auto& snapshot = b.body<Snapshot>();
    const ValueKind kind = b.values.front().kind;
    if (kind == ValueKind::duration) {
        snapshot.keep = b.retention();
    } else {
        snapshot.keep_count = b.take_value();
    }
}

inline void put(on<rules::to_store>, Builder& b, Span) {
    auto& places = b.body<Backup>().places;
    places.emplace_back();
    places.back().store = b.take_name();
    places.back().path = b.take_name();
}
inline void put(on<rules::to_folder>, Builder& b, Span) {
    b.body<Backup>().places.push_back({.store = {}, .path = b.take_name(), .keep = {}});
}
inline void put(on<rules::retention>, Builder& b, Span) {
    b.body<Backup>().places.back().keep = b.retention();
}
inline void put(on<rules::backup_compress>, Builder& b, Span) {
    if (!b.values.empty()) b.body<Backup>().compress_level = b.take_value();
}
inline void put(on<rules::backup_encrypt>, Builder& b, Span) {
    b.body<Backup>().encrypt_to = b.take_name();
}
inline void put(on<rules::verify_checksums>, Builder& b, Span) {
    b.body<Backup>().verify = Backup::Verify::checksums;
}
inline void put(on<rules::verify_restore>, Builder& b, Span) {
    b.body<Backup>().verify = Backup::Verify::restore;
}
inline void put(on<rules::backup_engine>, Builder& b, Span) {
    b.body<Backup>().engine = b.take_name();
}
inline void put(on<rules::backup_stanza>, Builder& b, Span) {
    b.body<Backup>().stanza = b.take_name();
}
inline void put(on<rules::backup_type>, Builder& b, Span) {
    b.body<Backup>().type = b.take_name();
}

inline void put(on<rules::restore_latest>, Builder& b, Span) {
    b.body<Restore>().latest = true;
}
inline void put(on<rules::restore_within>, Builder& b, Span) {
    b.body<Restore>().within = b.take_value();
}
inline void put(on<rules::restore_from_path>, Builder& b, Span) {
    b.body<Restore>().source = Restore::Source::path;
}
inline void put(on<rules::restore_from>, Builder& b, Span) {
    b.body<Restore>().from = b.take_name();
}
inline void put(on<rules::restore_complete>, Builder& b, Span s) {
    b.require(s.begin, "from", "from backup NAME");
}

// ---------------------------------------------------------------- export, copy, clone

inline void put(on<rules::export_to>, Builder& b, Span) {
    b.body<Export>().to = b.take_name();
}
inline void put(on<rules::export_complete>, Builder& b, Span s) {
    b.require(s.begin, "to", "to \"csv/{run}\"");
}
inline void put(on<rules::export_compress>, Builder& b, Span) {
    b.body<Export>().compress = b.take_name();
}
inline void put(on<rules::export_entry>, Builder& b, Span) {
    b.body<Export>().entries.push_back({.name = b.take_name(), .query = b.take_sql()});
}

inline void put(on<rules::copy_from_database>, Builder& b, Span) {
    b.body<Copy>().from_database = b.take_name();
}
inline void put(on<rules::copy_from_file>, Builder& b, Span) {
    b.body<Copy>().from_file = b.take_name();
}
inline void put(on<rules::to_database>, Builder& b, Span) {
    Item& item = b.item();
    auto* copy = std::get_if<Copy>(&item.body);
    (copy != nullptr ? copy->to_database : b.body<Clone>().to_database) = b.take_name();
}
inline void put(on<rules::copy_query>, Builder& b, Span s) {
    if (b.once("$$ … $$", b.since(s.begin))) b.body<Copy>().query = b.take_sql();
}
inline void put(on<rules::into_table>, Builder& b, Span) {
    b.body<Copy>().into = b.take_name();
}
inline void put(on<rules::copy_into>, Builder& b, Span) {
    b.body<Copy>().columns = b.take_names();
}
inline void put(on<rules::conflict_skip>, Builder& b, Span) {
    b.body<Copy>().conflict_skip = true;
}
inline void put(on<rules::conflict_keys>, Builder& b, Span) {
    b.body<Copy>().conflict_keys = b.take_names();
}
inline void put(on<rules::conflict_update>, Builder& b, Span) {
    b.body<Copy>().conflict_updates = b.take_names();
}
inline void put(on<rules::copy_rejects>, Builder& b, Span) {
    b.body<Copy>().rejects_to = b.take_name();
    if (!b.values.empty()) b.body<Copy>().at_most = b.take_value();
}

inline void put(on<rules::clone_from>, Builder& b, Span) {
    b.body<Clone>().from_database = b.take_name();
}
inline void put(on<rules::clone_existing>, Builder& b, Span) {
    b.body<Clone>().existing = b.take_name();
}
inline void put(on<rules::clone_verify>, Builder& b, Span) {
    b.body<Clone>().verify = b.take_name();
}

// ---------------------------------------------------------------- run, wait, notify, order

inline void put(on<rules::run_command>, Builder& b, Span) {
    b.body<Run>().command = b.take_names();
    b.body<Run>().command_keyword = b.phrase;
}
inline void put(on<rules::run_timeout>, Builder& b, Span) {
    b.body<Run>().timeout = b.setting();
}
inline void put(on<rules::run_output>, Builder& b, Span) {
    b.body<Run>().output_to = b.take_name();
}
inline void put(on<rules::run_rehearse>, Builder& b, Span) {
    b.body<Run>().rehearse = b.take_names();
}

inline void put(on<rules::wait_duration>, Builder& b, Span) {
    b.body<Wait>().duration = b.take_value();
}
inline void put(on<rules::wait_instant>, Builder& b, Span) {
    b.body<Wait>().until = b.take_value();
}
inline void put(on<rules::wait_window>, Builder& b, Span) {
    b.body<Wait>().until_window = true;
    if (!b.values.empty()) b.body<Wait>().before_window = b.take_value();
}
inline void put(on<rules::notify_words>, Builder& b, Span) {
    b.body<Notify>().channel = b.take_name();
    b.body<Notify>().message = b.take_name();
}
inline void put(on<rules::no_return_mark>, Builder& b, Span) {
    b.body<Checkpoint>().no_return = true;
}
inline void put(on<rules::loop_head>, Builder& b, Span) {
    b.body<For>().variable = b.take_name();
    b.body<For>().values = std::exchange(b.values, {});
}

}  // namespace cairn::grammar

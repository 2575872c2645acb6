#include "tools/support/entry.hpp"

#include <fmt/format.h>

#include <span>

#include "fuzz/text.hpp"
#include "models/spec/access.hpp"
#include "tools/support/formats.hpp"

namespace twinwalk::tools {
namespace {

using models::EntryKind;

template <class Spec>
EntryReading read_by_spec(typename Spec::Settings const& settings, MachineOptions const& machine,
                          int level, std::uint64_t entry) {
  EntryReading reading;
  reading.kind = Spec::classify(settings, level, entry);
  if (reading.kind == EntryKind::table) {
    reading.address = Spec::template table_address<std::uint64_t>(level, entry);
  } else if (reading.kind == EntryKind::leaf) {
    reading.address = Spec::template leaf_address<std::uint64_t>(level, entry);
    reading.size = Spec::page_size(level);
    reading.flags = Spec::template flags_of_leaf<std::uint64_t>(machine, level, entry);
    reading.accessed = Spec::template accessed<std::uint64_t>(level, entry) != 0;
    reading.dirty = Spec::template dirty<std::uint64_t>(level, entry) != 0;
  }
  return reading;
}

template <class Format>
EntryReading read_by_engine(MachineOptions const& machine, int level, std::uint64_t entry) {
  typename Format::template Options<std::uint64_t> const options(machine);
  EntryReading reading;
  if (!Format::present(options, level, entry)) return reading;
  if (level > 1 && (level > Format::leaf_level_max || !Format::large(entry))) {
    reading.kind = EntryKind::table;
    reading.address = Format::table_address(entry);
    return reading;
  }
  reading.kind = EntryKind::leaf;
  reading.address = Format::leaf_address(level, entry);
  reading.size = static_cast<PageSize>(Format::page_log2 + Format::index_bits * (level - 1));
  reading.flags = Format::decode(options, level, entry);
  reading.accessed = Format::accessed(entry) != 0;
  reading.dirty = Format::dirty(entry) != 0;
  return reading;
}

Json reading_json(EntryReading const& reading) {
  Json json{{"kind", models::kind_name(reading.kind)}};
  if (reading.kind == EntryKind::table || reading.kind == EntryKind::leaf) {
    json["address"] = hex(reading.address);
  }
  if (reading.kind == EntryKind::leaf) {
    json["size"] = fuzz::print(reading.size);
    json["flags"] = fuzz::print(reading.flags);
    json["accessed"] = reading.accessed;
    json["dirty"] = reading.dirty;
  }
  return json;
}

std::string bits_of(models::Field const& field) {
  return field.hi == field.lo ? fmt::format("{}", field.hi)
                              : fmt::format("{}:{}", field.hi, field.lo);
}

}  // namespace

int level_count(std::uint8_t format) {
  int levels = 0;
  with_format(format, [&]<class Spec>(std::type_identity<Spec>, auto) { levels = Spec::levels; });
  return levels;
}

EntryReport explain_entry(std::uint8_t format, MachineOptions const& machine, int level,
                          std::uint64_t entry) {
  EntryReport report;
  report.format = format_name(format);
  report.level = level;
  report.entry = entry;
  with_format(format,
              [&]<class Spec, class Format>(std::type_identity<Spec>, std::type_identity<Format>) {
                auto const settings = Spec::settings(machine);
                report.spec = read_by_spec<Spec>(settings, machine, level, entry);
                report.engine = read_by_engine<Format>(machine, level, entry);
                std::uint64_t const forbidden =
                    report.spec.kind == EntryKind::malformed
                        ? Spec::template reserved_bits<std::uint64_t>(settings, level, entry)
                        : 0;
                std::span<models::Field const> const fields = Spec::fields(level, entry);
                for (models::Field const& field : fields) {
                  report.fields.push_back(
                      {field, models::value(field, entry), (models::mask(field) & forbidden) != 0});
                }
                for (models::FieldTable const& table : Spec::field_tables()) {
                  if (table.level != level || table.fields.data() != fields.data()) continue;
                  report.table = table.name;
                  report.cite = table.cite;
                }
              });
  return report;
}

std::variant<std::uint64_t, PagingError> engine_leaf(std::uint8_t format,
                                                     MachineOptions const& machine, PageSize size,
                                                     std::uint64_t address, MappingFlags flags) {
  std::variant<std::uint64_t, PagingError> result;
  with_format(format, [&]<class Format>(auto, std::type_identity<Format>) {
    typename Format::template Options<std::uint64_t> const options(machine);
    std::uint64_t const last = address + bytes(size) - 1;
    if (!Format::supports(options, size)) {
      result = PagingError::UnsupportedPageSize;
    } else if (!Format::physical_range_fits(options, address, last)) {
      result = PagingError::InvalidAddress;
    } else if ((address & (bytes(size) - 1)) != 0) {
      result = PagingError::NotAligned;
    } else if (!Format::representable(options, flags)) {
      result = PagingError::UnrepresentableFlags;
    } else {
      result = Format::leaf(level_of(size), address, Format::encode(options, flags));
    }
  });
  return result;
}

std::string in_words(EntryReading const& reading) {
  std::string text(models::kind_name(reading.kind));
  if (reading.kind == EntryKind::table) text += fmt::format(" at {:#x}", reading.address);
  if (reading.kind == EntryKind::leaf) {
    text += fmt::format(" at {:#x}, {} {}{}{}", reading.address, fuzz::print(reading.size),
                        fuzz::print(reading.flags), reading.accessed ? ", accessed" : "",
                        reading.dirty ? ", dirty" : "");
  }
  return text;
}

std::string print_fields(EntryReport const& report, std::string_view indent) {
  std::string text =
      fmt::format("{}{} level {}, {:#x}: {}{}\n", indent, report.format, report.level, report.entry,
                  models::kind_name(report.spec.kind),
                  report.table.empty() ? "" : fmt::format(" ({}, {})", report.table, report.cite));
  for (FieldValue const& item : report.fields) {
    text += fmt::format("{}  {:<7}{:<30}{:<18}{}{}\n", indent, bits_of(item.field), item.field.name,
                        fmt::format("{:#x}", item.value), item.field.cite,
                        item.forbidden ? "  must be 0 on this machine" : "");
  }
  return text;
}

std::string print_entry(EntryReport const& report, std::string_view indent) {
  return print_fields(report, indent) + fmt::format("{}  spec:   {}\n{}  engine: {}\n", indent,
                                                    in_words(report.spec), indent,
                                                    in_words(report.engine));
}

Json entry_json(EntryReport const& report) {
  Json fields = Json::array();
  for (FieldValue const& item : report.fields) {
    Json field{{"name", item.field.name},
               {"hi", item.field.hi},
               {"lo", item.field.lo},
               {"value", hex(item.value)},
               {"role", role_name(item.field.role)},
               {"cite", item.field.cite}};
    if (item.forbidden) field["forbidden"] = true;
    fields.push_back(std::move(field));
  }
  return Json{{"format", report.format},
              {"level", report.level},
              {"entry", hex(report.entry)},
              {"kind", models::kind_name(report.spec.kind)},
              {"table", report.table},
              {"cite", report.cite},
              {"fields", std::move(fields)},
              {"spec", reading_json(report.spec)},
              {"engine", reading_json(report.engine)},
              {"agree", report.agree()}};
}

}  // namespace twinwalk::tools

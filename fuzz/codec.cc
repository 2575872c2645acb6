#include "fuzz/codec.hpp"

#include <algorithm>
#include <array>

#include "fuzz/address_pool.hpp"
#include "fuzz/machine_keys.hpp"

namespace twinwalk::fuzz {
namespace {

using Word = std::uint64_t;

// A field of a 64-bit word.
struct Bits {
  int shift;
  int width;

  constexpr Word mask() const { return (Word{1} << width) - 1; }
  constexpr Word get(Word word) const { return (word >> shift) & mask(); }
  constexpr Word put(Word value) const { return (value & mask()) << shift; }
};

// The header's first word; the machine's settings lie between and behind.
constexpr Bits version_field{0, 8};
constexpr Bits format_field{8, 8};
// Expectations count only beside this mark: random bytes have none.
constexpr Bits mark_field{56, 8};
constexpr Word expectations_mark = 0xe5;

// The control word. Kinds that take none of an operand ignore its bits.
constexpr Bits kind_field{0, 5};
constexpr Bits va_mode{5, 2};
constexpr Bits pa_mode{7, 2};
constexpr Bits length_mode{9, 2};
constexpr Bits space_field{11, 2};
constexpr Bits cpu_field{13, 2};
constexpr Bits defer_field{15, 1};
constexpr Bits size_field{16, 3};
constexpr Bits level_field{19, 3};  // from 1; or the owner of a share, from 0
constexpr Bits access_field{22, 2};
constexpr Bits user_field{24, 1};
constexpr Bits option_field{25, 1};  // visit or moment
constexpr Bits taming_field{26, 2};  // not 0: space, size, flags and count in moderation
constexpr Bits expect_field{28, 4};
constexpr Bits flags_field{32, 32};  // or the count

// `few` is a handful of pool addresses, so that bytes without any memory meet themselves.
enum Mode : Word { as_it_stands = 0, pool = 1, related = 2, few = 3 };

// 32 values of the kind field for 19 kinds: the rest are the kinds that do most.
constexpr std::array<OpKind, 32> kind_of_code = [] {
  std::array<OpKind, 32> out{};
  for (std::size_t i = 0; i < op_kind_count; ++i) out[i] = static_cast<OpKind>(i);
  constexpr OpKind more[] = {OpKind::map,          OpKind::map,    OpKind::map_region,
                             OpKind::unmap_region, OpKind::map,    OpKind::protect_region,
                             OpKind::protect,      OpKind::access, OpKind::map,
                             OpKind::map,          OpKind::map,    OpKind::map_region,
                             OpKind::map_region};
  static_assert(op_kind_count + std::size(more) == 32);
  std::copy(std::begin(more), std::end(more), out.begin() + op_kind_count);
  return out;
}();

constexpr std::array size_of_code{PageSize::Size4K, PageSize::Size2M, PageSize::Size1G,
                                  PageSize::Size512G, PageSize::Size256T,
                                  // Once more those that most machines have.
                                  PageSize::Size4K, PageSize::Size2M, PageSize::Size1G};

Word code_of(PageSize size) {
  return static_cast<Word>(std::find(size_of_code.begin(), size_of_code.end(), size) -
                           size_of_code.begin());
}

Word load(std::span<std::uint8_t const> bytes, std::size_t at) {
  Word word = 0;
  for (std::size_t i = 0; i < 8 && at + i < bytes.size(); ++i) {
    word |= Word{bytes[at + i]} << (8 * i);
  }
  return word;
}

void store(std::span<std::uint8_t> bytes, std::size_t at, Word word) {
  for (std::size_t i = 0; i < 8; ++i) bytes[at + i] = static_cast<std::uint8_t>(word >> (8 * i));
}

// The draw lies in the word's second byte and after, where small raw numbers are zero.
constexpr Draw draw_of(Word word) {
  return Draw{static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word >> 16),
              static_cast<std::uint8_t>(word >> 24), static_cast<std::uint8_t>(word >> 32)};
}

constexpr std::array<std::uint8_t, 16> steps_back{1, 1, 1, 2, 2,  3,  3,  4,
                                                  5, 6, 7, 8, 10, 12, 16, 24};

constexpr bool maps(Op const& op) {
  return op.kind == OpKind::map || op.kind == OpKind::map_region;
}

VirtAddr decode_va(Word mode, Word word, bool tamed, Op const& op, FormatShape const& shape,
                   std::vector<Op> const& before) {
  PageSize const size = op.kind == OpKind::map ? op.size : PageSize::Size4K;
  if (mode == as_it_stands) return VirtAddr(tamed ? word & ~(bytes(size) - 1) : word);
  if (mode == related && !before.empty()) {
    std::size_t at = before.size() - std::min<std::size_t>(steps_back[word % 16], before.size());
    // Mostly one that maps something, if there is one not far.
    bool const any = word % 256 >= 192;
    for (int tries = 0; !any && tries < 8 && at > 0 && !maps(before[at]); ++tries) --at;
    return related_address(before[at], size, draw_of(word));
  }
  Draw draw = draw_of(word);
  if (mode == few) {
    constexpr std::uint8_t bases[] = {1, 1, 2, 5};
    draw.base = bases[draw.base % 4];
    draw.offset %= 4;
    draw.align /= 2;
  }
  return pool_address(shape, size, draw);
}

// Ranges of whole pages, less than 4G; of a share whole root entries.
void tame_range(Op& op, FormatShape const& shape) {
  op.length &= 0xffff'f000;
  if (op.kind != OpKind::share) return;
  int const shift = level_shift(shape.levels);
  op.va = VirtAddr(op.va.value >> shift << shift);
  op.length = (1 + op.length / 4096 % 2) << shift;
}

PhysAddr decode_pa(Word mode, Word word, bool tamed, Op const& op, MachineOptions const& machine) {
  if (mode == as_it_stands && !tamed) return PhysAddr(word);
  Draw draw = draw_of(word);
  if (tamed) draw.align /= 2;
  return pool_physical(machine.physical_bits, op.va, op.size, draw);
}

// Flags that most machines can hold, from any 32 bits; random ones that nobody can hold would let
// a fuzzer see one error only.
MappingFlags tame_flags(Word word, MachineOptions const& machine) {
  auto const bits = [word](int shift, int width) { return Bits{shift, width}.get(word); };
  MappingFlags out(word & (Flag::WRITE | Flag::EXECUTE | Flag::USER | Flag::GLOBAL).bits);
  out = out | Flag::READ;
  if (!machine.no_execute) out = out | Flag::EXECUTE;
  switch (bits(8, 3)) {
    case 1:
      out = out | Flag::DEVICE;
      break;
    case 2:
      out = out | Flag::UNCACHED;
      break;
    case 3:
      out = out.with_memory_type(bits(11, 3));
      break;
    default:
      break;
  }
  if (machine.protection_keys) out = out.with_key(bits(16, 4));
  if (bits(23, 1) != 0) out = out.with_software(bits(20, 3));
  return out;
}

// Makes an operation likelier to meet others: two spaces, the sizes there are, flags that can be
// held, and counts that something reaches.
void tame(Op& op, MachineOptions const& machine) {
  op.space = op.space == 3 ? 1 : 0;
  op.flags = tame_flags(op.flags.bits, machine);
  if (op.size > PageSize::Size1G) op.size = PageSize::Size4K;
  if (op.size == PageSize::Size1G && !machine.gigabyte_pages) op.size = PageSize::Size2M;
  op.count %= op.kind == OpKind::hardware ? 16 : 4;
}

Op decode_op(std::span<std::uint8_t const> bytes, Sequence const& sequence,
             FormatShape const& shape, bool expectations) {
  Word const control = load(bytes, 0);
  Word const va = load(bytes, 8);
  Word const pa = load(bytes, 16);
  Word const length = load(bytes, 24);

  Op op;
  op.kind = kind_of_code[kind_field.get(control)];
  op.space = static_cast<std::uint8_t>(space_field.get(control));
  op.cpu = static_cast<std::uint8_t>(cpu_field.get(control));
  op.defer = defer_field.get(control) != 0;
  op.size = size_of_code[size_field.get(control)];
  op.access = static_cast<AccessKind>(access_field.get(control) % 3);
  op.user = user_field.get(control) != 0;
  op.visit = option_field.get(control) != 0;
  op.moment = static_cast<Moment>(option_field.get(control));
  op.level = static_cast<std::uint8_t>(level_field.get(control) + 1);
  op.owner = static_cast<std::uint8_t>(level_field.get(control) % space_count_max);
  if (expectations) {
    op.expect = static_cast<Expectation>(expect_field.get(control) % expectation_count);
  }
  op.count = static_cast<std::uint32_t>(flags_field.get(control));
  op.flags = MappingFlags(flags_field.get(control) & op_flags_mask);
  bool const tamed = taming_field.get(control) != 0;
  if (tamed) tame(op, sequence.machine);
  op.va = decode_va(va_mode.get(control), va, tamed, op, shape, sequence.ops);
  if (tamed) op.va = VirtAddr(make_canonical(shape, op.va.value));
  op.pa = decode_pa(pa_mode.get(control), pa, tamed, op, sequence.machine);
  op.length = length_mode.get(control) == as_it_stands ? length
                                                       : pool_length(shape, op.va, draw_of(length));
  op.word = length;
  if (tamed) tame_range(op, shape);
  return canonical(op);
}

void encode_op(Op const& op, std::span<std::uint8_t> out) {
  OperandSet const takes = info(op.kind).operands;
  Word const option = takes.has(Operand::moment) ? static_cast<Word>(op.moment) : Word{op.visit};
  store(out, 0,
        kind_field.put(static_cast<Word>(op.kind)) | space_field.put(op.space) |
            cpu_field.put(op.cpu) | defer_field.put(op.defer) | size_field.put(code_of(op.size)) |
            level_field.put(takes.has(Operand::owner) ? op.owner : op.level - 1u) |
            access_field.put(static_cast<Word>(op.access)) | user_field.put(op.user) |
            option_field.put(option) | expect_field.put(static_cast<Word>(op.expect)) |
            flags_field.put(takes.has(Operand::count) ? op.count : op.flags.bits));
  store(out, 8, op.va.value);
  store(out, 16, op.pa.value);
  store(out, 24, takes.has(Operand::word) ? op.word : op.length);
}

}  // namespace

void decode(std::span<std::uint8_t const> bytes, FormatList formats, Sequence& out) {
  Word const header[2] = {load(bytes, 0), load(bytes, 8)};
  out.format = static_cast<std::uint8_t>(format_field.get(header[0]) % formats.size());
  for (MachineKey const& key : machine_keys) {
    Word const raw = Bits{key.code_bit % 64, key.code_width}.get(header[key.code_bit / 64]);
    key.set(out, key.least + raw % (key.most - key.least + 1));
  }
  bool const expectations = mark_field.get(header[0]) == expectations_mark;

  out.ops.clear();
  if (bytes.size() < codec_header_size) return;
  bytes = bytes.subspan(codec_header_size);
  out.ops.reserve(bytes.size() / codec_op_size);
  for (; bytes.size() >= codec_op_size; bytes = bytes.subspan(codec_op_size)) {
    out.ops.push_back(
        decode_op(bytes.first(codec_op_size), out, formats[out.format], expectations));
  }
}

std::size_t encode(Sequence const& sequence, std::span<std::uint8_t> out) {
  if (out.size() < codec_header_size) return 0;
  bool const expectations = std::any_of(sequence.ops.begin(), sequence.ops.end(), [](Op const& op) {
    return op.expect != Expectation::none;
  });
  Word header[2] = {version_field.put(codec_version) | format_field.put(sequence.format) |
                        mark_field.put(expectations ? expectations_mark : 0),
                    0};
  for (MachineKey const& key : machine_keys) {
    header[key.code_bit / 64] |=
        Bits{key.code_bit % 64, key.code_width}.put(key.get(sequence) - key.least);
  }
  store(out, 0, header[0]);
  store(out, 8, header[1]);

  std::size_t const room = (out.size() - codec_header_size) / codec_op_size;
  std::size_t const count = std::min(room, sequence.ops.size());
  for (std::size_t i = 0; i < count; ++i) {
    encode_op(sequence.ops[i], out.subspan(encoded_size(i), codec_op_size));
  }
  return encoded_size(count);
}

std::vector<std::uint8_t> encode(Sequence const& sequence) {
  std::vector<std::uint8_t> out(encoded_size(sequence.ops.size()));
  encode(sequence, out);
  return out;
}

bool has_current_version(std::span<std::uint8_t const> bytes) {
  return !bytes.empty() && bytes[0] == codec_version;
}

}  // namespace twinwalk::fuzz

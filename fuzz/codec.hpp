// The binary form of a sequence, for fuzzers. Total: every byte string, the empty one too, is a
// valid sequence, so no input of a fuzzer is wasted on being malformed.
//
// A header of 16 bytes (version, format, machine: fuzz/machine_keys.hpp says where), then 32 bytes
// for each operation; a rest of fewer bytes is ignored, and a missing header is all zero. Numbers
// are little-endian. An operation is a control word of 64 bits (the fields of codec.cc) and
// three words for va, pa and length. Each of the three is either taken as it stands, or its
// bytes are a draw from the address pool, or from what the operation before has named.
//
// encode writes words as they stand; so for every canonical sequence decode(encode(s)) == s.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fuzz/format_shape.hpp"
#include "fuzz/sequence.hpp"

namespace twinwalk::fuzz {

inline constexpr std::uint8_t codec_version = 1;
inline constexpr std::size_t codec_header_size = 16;
inline constexpr std::size_t codec_op_size = 32;

constexpr std::size_t encoded_size(std::size_t op_count) {
  return codec_header_size + op_count * codec_op_size;
}

// Reads any bytes into `out`, whose operations are reused: it allocates only where they have grown.
// `formats` is not empty.
void decode(std::span<std::uint8_t const> bytes, FormatList formats, Sequence& out);

// Writes a canonical sequence into `out`; returns how many bytes. Operations that do not fit are
// left off, and without room for the header it writes nothing.
std::size_t encode(Sequence const& sequence, std::span<std::uint8_t> out);
std::vector<std::uint8_t> encode(Sequence const& sequence);

// Whether a file says that it was written by this version of the codec. Others decode, but to
// something else than they once did.
bool has_current_version(std::span<std::uint8_t const> bytes);

}  // namespace twinwalk::fuzz

// Physical memory as the models hold it: a small arena of frames whose physical addresses are
// spread over the whole width of the machine, so that a wrong mask or a narrow type meets an
// address that shows it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace twinwalk::models {

inline constexpr int frame_log2 = 12;
inline constexpr std::size_t frame_words = std::size_t{1} << (frame_log2 - 3);

// A bijection between arena indices and physical frame numbers.
//
// Placement 0 puts frame i at base + 4096 i. Every other one multiplies blocks of frames by an odd
// number modulo the count of blocks in the width, chosen so that one arena block lands on frame 0
// and another on the top of the width. Blocks are one frame unless the format has tables larger
// than a frame: within a block addresses stay in order, so an aligned run of the arena is an
// aligned run of memory.
class Placement {
 public:
  Placement() = default;

  // physical_bits: 32..52. selector: any value. block_log2: 12..16, the largest table. base: only
  // for selector 0, a multiple of the block.
  Placement(int physical_bits, std::size_t frames, std::uint64_t selector,
            int block_log2 = frame_log2, std::uint64_t base = 0)
      : frames_(frames), block_bits_(block_log2 - frame_log2) {
    mask_ = (std::uint64_t{1} << (physical_bits - block_log2)) - 1;
    if (selector == 0) {
      offset_ = (base >> block_log2) & mask_;
      return;
    }
    // Block `zero` goes to frame 0 and block `zero + distance` to the top; their distance is odd,
    // so the multiplier -1/distance exists and is odd too. Both are among the first that are handed
    // out.
    std::uint64_t const blocks = frames >> block_bits_;
    std::uint64_t zero = (selector >> 2) % 4;
    std::uint64_t distance = 2 * (selector % 4) + 1;
    if (zero + distance >= blocks) {
      zero = 0;
      distance = 1;
    }
    multiplier_ = (0 - inverse(distance)) & mask_;
    inverse_ = inverse(multiplier_) & mask_;
    offset_ = (0 - zero * multiplier_) & mask_;
  }

  // The physical address of an arena frame.
  std::uint64_t address(std::size_t index) const {
    std::uint64_t const block = ((index >> block_bits_) * multiplier_ + offset_) & mask_;
    return ((block << block_bits_) | (index & low())) << frame_log2;
  }
  // The arena frame that contains a physical address; at least `frames` when none does.
  std::size_t index(std::uint64_t physical) const {
    std::uint64_t const frame = physical >> frame_log2;
    std::uint64_t const block = frame >> block_bits_;
    if (block > mask_) return SIZE_MAX;
    std::uint64_t const source = ((block - offset_) * inverse_) & mask_;
    return static_cast<std::size_t>((source << block_bits_) | (frame & low()));
  }
  std::size_t frames() const { return frames_; }

 private:
  // Newton's iteration doubles the right bits of an inverse modulo a power of two.
  static constexpr std::uint64_t inverse(std::uint64_t odd) {
    std::uint64_t x = odd;
    for (int i = 0; i < 6; ++i) x *= 2 - odd * x;
    return x;
  }
  std::uint64_t low() const { return (std::uint64_t{1} << block_bits_) - 1; }

  std::size_t frames_ = 0;
  int block_bits_ = 0;
  std::uint64_t mask_ = 0;
  std::uint64_t multiplier_ = 1;
  std::uint64_t inverse_ = 1;
  std::uint64_t offset_ = 0;
};

// A well mixed word: all garbage is made of these, so that a case repeats itself exactly.
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Garbage that mostly looks present: bit 0 says present or valid on most formats, and one word in
// eight is left to chance.
constexpr std::array<std::uint64_t, frame_words> make_poison_pattern() {
  std::array<std::uint64_t, frame_words> words{};
  for (std::size_t i = 0; i < frame_words; ++i)
    words[i] = mix(i + 0x9e3779b97f4a7c15) | (i % 8 == 5 ? 0 : 1);
  return words;
}
inline constexpr std::array<std::uint64_t, frame_words> poison_pattern = make_poison_pattern();

// The bytes. Knows nothing of who may touch what; that is the frames' and the machine's.
class Memory {
 public:
  explicit Memory(std::size_t capacity) : words_(capacity * frame_words) {}

  std::size_t capacity() const { return words_.size() / frame_words; }

  // Starts a case. Contents stay as they are: nobody may read a frame before it is handed out, and
  // then it is poisoned.
  void reset(Placement const& placement, int physical_bits, std::uint64_t seed) {
    placement_ = placement;
    width_ = (std::uint64_t{1} << physical_bits) - 1;
    seed_ = seed;
  }

  Placement const& placement() const { return placement_; }
  std::uint64_t address(std::size_t index) const { return placement_.address(index); }
  std::size_t index(std::uint64_t physical) const { return placement_.index(physical); }
  bool contains(std::uint64_t physical) const { return index(physical) < placement_.frames(); }

  std::uint64_t* frame(std::size_t index) { return words_.data() + index * frame_words; }
  std::uint64_t const* frame(std::size_t index) const {
    return words_.data() + index * frame_words;
  }

  // The aligned word at a physical address, or nullptr outside the arena.
  std::uint64_t* word(std::uint64_t physical) {
    std::size_t const i = index(physical);
    return i < placement_.frames() ? frame(i) + (physical >> 3) % frame_words : nullptr;
  }
  std::uint64_t const* word(std::uint64_t physical) const {
    return const_cast<Memory*>(this)->word(physical);
  }

  // Fills a frame with garbage that mostly looks like present entries of this machine's width. The
  // garbage follows from seed, frame and `age` alone.
  void poison(std::size_t index, std::uint64_t age) {
    std::uint64_t const salt = mix(seed_ ^ (age << 32) ^ index) & ~std::uint64_t{0xfff};
    std::uint64_t* const words = frame(index);
    for (std::size_t i = 0; i < frame_words; ++i) words[i] = (poison_pattern[i] ^ salt) & width_;
  }

 private:
  std::vector<std::uint64_t> words_;
  Placement placement_;
  std::uint64_t width_ = 0;
  std::uint64_t seed_ = 0;
};

// Reads for a walker: no count, no finding, zero outside the arena.
struct Peek {
  Memory const& memory;
  std::uint64_t load(std::uint64_t slot) const {
    std::uint64_t const* const word = memory.word(slot);
    return word != nullptr ? *word : 0;
  }
};

}  // namespace twinwalk::models

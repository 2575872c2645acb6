// Fields taken one after the other from raw bytes; zero where they end.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "engine/api.hpp"

namespace twinwalk::fuzz {

class RawInput {
 public:
  explicit RawInput(std::span<std::uint8_t const> bytes) : rest_(bytes) {}

  template <class T>
  T take() {
    T value{};
    std::size_t const n = rest_.size() < sizeof value ? rest_.size() : sizeof value;
    std::memcpy(&value, rest_.data(), n);
    rest_ = rest_.subspan(n);
    return value;
  }
  // Options of a machine, each within its range.
  MachineOptions take_machine() {
    MachineOptions machine;
    machine.physical_bits = static_cast<std::uint8_t>(32 + take<std::uint8_t>() % 21);
    std::uint8_t const bits = take<std::uint8_t>();
    machine.no_execute = (bits & 1) != 0;
    machine.gigabyte_pages = (bits & 2) != 0;
    machine.protection_keys = (bits & 4) != 0;
    machine.execute_only = (bits & 8) == 0;
    machine.mode_based_execute = (bits & 16) != 0;
    machine.page_memory_types = (bits & 32) != 0;
    machine.hardware_updates = static_cast<HardwareUpdates>((2 + (bits >> 6)) % 3);
    return machine;
  }
  // The address of a frame.
  PhysAddr take_frame() { return PhysAddr(take<std::uint64_t>() & 0x0000'ffff'ffff'f000); }
  std::span<std::uint8_t const> rest() const { return rest_; }

 private:
  std::span<std::uint8_t const> rest_;
};

}  // namespace twinwalk::fuzz

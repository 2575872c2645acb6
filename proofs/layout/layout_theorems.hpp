// Every theorem about the layout of entries; each is a file beside this one.
#pragma once

#include "proofs/layout/addresses_rebuild.hpp"
#include "proofs/layout/canonical_agrees.hpp"
#include "proofs/layout/decode_agrees.hpp"
#include "proofs/layout/encode_decode.hpp"
#include "proofs/layout/entries_partition.hpp"
#include "proofs/layout/live_count_sums.hpp"
#include "proofs/layout/must_invalidate_agrees.hpp"
#include "proofs/layout/no_reserved_bit_encoded.hpp"
#include "proofs/layout/options_agree.hpp"
#include "proofs/layout/setters_touch_their_field.hpp"
#include "proofs/layout/split_pieces.hpp"
#include "proofs/layout/typed_entries_agree.hpp"
#include "proofs/layout/whole_tables_as_stated.hpp"

namespace twinwalk::proofs {

template <class... Theorems>
struct TheoremTypes {
  // Calls visitor.operator()<Theorem>() for each, in order.
  template <class Visitor>
  static constexpr void for_each(Visitor&& visitor) {
    (visitor.template operator()<Theorems>(), ...);
  }
};

using LayoutTheorems = TheoremTypes<  //
    DecodeAgrees, EncodeDecode, NoReservedBitEncoded, EntriesPartition, SettersTouchTheirField,
    SplitPieces, AddressesRebuild, CanonicalAgrees, MustInvalidateAgrees, OptionsAgree,
    TypedEntriesAgree, LiveCountSums, WholeTablesAsStated>;

}  // namespace twinwalk::proofs

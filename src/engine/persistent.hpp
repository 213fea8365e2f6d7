#pragma once
/// Containers whose copies share structure: copying one is O(1), changing a copy copies the path to what changed.
/// That is what makes a patched snapshot cost a page and not a tenant.
///
/// Each has two ways to change. `…_in_place` is for building: REQUIRES that no copy of the container was made since it was
/// empty. The others may be used at any time; containers that share structure never see each other's changes.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace sentinel::engine {

/// 64-bit hash of bytes, good in every bit range (xxHash64-like finish over multiply-rotate rounds).
inline std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0) noexcept {
    constexpr std::uint64_t prime_1 = 0x9E3779B185EBCA87ULL;
    constexpr std::uint64_t prime_2 = 0xC2B2AE3D27D4EB4FULL;
    std::uint64_t hash = seed + bytes.size() * prime_1;
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    while (left >= 8) {
        std::uint64_t word = 0;
        __builtin_memcpy(&word, at, 8);
        hash = std::rotl(hash ^ (word * prime_2), 31) * prime_1;
        at += 8;
        left -= 8;
    }
    std::uint64_t tail = 0;
    if (left > 0) __builtin_memcpy(&tail, at, left);
    hash = std::rotl(hash ^ ((tail + left) * prime_2), 27) * prime_1;
    hash ^= hash >> 33;
    hash *= prime_2;
    hash ^= hash >> 29;
    hash *= 0x165667B19E3779F9ULL;
    return hash ^ (hash >> 32);
}

/// A hash trie (after P. Bagwell, "Ideal hash trees", 2001): 32-way nodes, entries found by hash and a predicate.
/// Entries are small values; keys live in them or are reached through them. Find is O(log32 n).
///
///     node: | children_bits | entry_bits | children … | entries … |     a bit says which of the two an arm holds
template <class Entry>
class HashTrie {
public:
    template <class Match>
    const Entry* find(std::uint64_t hash, const Match& match) const noexcept {
        const Node* node = root_.get();
        for (unsigned shift = 0; node != nullptr; shift += bits) {
            if (shift > last_shift) return find_linear(*node, match);
            const std::uint32_t bit = arm(hash, shift);
            if ((node->entry_bits & bit) != 0) {
                const Entry& entry = node->entries[rank(node->entry_bits, bit)];
                return match(entry) ? &entry : nullptr;
            }
            if ((node->children_bits & bit) == 0) return nullptr;
            node = node->children[rank(node->children_bits, bit)].get();
        }
        return nullptr;
    }

    /// Inserts, or replaces the entry that matches. `hash_of(entry)` gives an entry's hash again.
    template <class Match, class HashOf>
    void insert(Entry entry, std::uint64_t hash, const Match& match, const HashOf& hash_of) {
        insert_at(root_, std::move(entry), hash, 0, match, hash_of, false);
    }
    template <class Match, class HashOf>
    void insert_in_place(Entry entry, std::uint64_t hash, const Match& match, const HashOf& hash_of) {
        insert_at(root_, std::move(entry), hash, 0, match, hash_of, true);
    }
    /// Removes the entry that matches; false when there was none.
    template <class Match>
    bool erase(std::uint64_t hash, const Match& match) {
        if (find(hash, match) == nullptr) return false;
        erase_at(root_, hash, 0, match);
        --size_;
        return true;
    }

    std::size_t size() const noexcept { return size_; }

    template <class Visit>
    void for_each(const Visit& visit) const {
        if (root_) visit_node(*root_, visit);
    }

    /// Memory of one entry with its share of the trie's nodes, roughly.
    static constexpr std::size_t bytes_per_entry = sizeof(Entry) + 24;

private:
    static constexpr unsigned bits = 5;
    static constexpr unsigned last_shift = 60;

    struct Node {
        std::uint32_t children_bits = 0;
        std::uint32_t entry_bits = 0;
        std::vector<std::shared_ptr<Node>> children;
        std::vector<Entry> entries;
    };
    using NodePointer = std::shared_ptr<Node>;
    struct MatchesNothing {
        bool operator()(const Entry&) const noexcept { return false; }
    };

    static std::uint32_t arm(std::uint64_t hash, unsigned shift) noexcept { return 1u << ((hash >> shift) & 31u); }
    static std::size_t rank(std::uint32_t bitmap, std::uint32_t bit) noexcept {
        return static_cast<std::size_t>(std::popcount(bitmap & (bit - 1)));
    }
    template <class Match>
    static const Entry* find_linear(const Node& node, const Match& match) noexcept {
        for (const Entry& entry : node.entries) {
            if (match(entry)) return &entry;
        }
        return nullptr;
    }
    template <class T>
    static void insert_at_position(std::vector<T>& values, std::size_t position, T value) {
        values.push_back(std::move(value));
        std::rotate(values.end() - static_cast<std::ptrdiff_t>(values.size() - position), values.end() - 1, values.end());
    }
    template <class T>
    static void erase_at_position(std::vector<T>& values, std::size_t position) {
        values.erase(std::next(values.begin(), static_cast<std::ptrdiff_t>(position)));
    }

    /// The node to change: itself when building, else a copy.
    static Node& writable(NodePointer& pointer, bool in_place) {
        if (!pointer) {
            pointer = std::make_shared<Node>();
        } else if (!in_place) {
            pointer = std::make_shared<Node>(*pointer);
        }
        return *pointer;
    }

    template <class Match, class HashOf>
    void insert_at(NodePointer& pointer, Entry entry, std::uint64_t hash, unsigned shift, const Match& match,
                   const HashOf& hash_of, bool in_place) {
        Node& node = writable(pointer, in_place);
        if (shift > last_shift) {
            insert_linear(node, std::move(entry), match);
            return;
        }
        const std::uint32_t bit = arm(hash, shift);
        if ((node.children_bits & bit) != 0) {
            NodePointer& child = node.children[rank(node.children_bits, bit)];
            insert_at(child, std::move(entry), hash, shift + bits, match, hash_of, in_place);
            return;
        }
        const std::size_t position = rank(node.entry_bits, bit);
        if ((node.entry_bits & bit) == 0) {
            insert_at_position(node.entries, position, std::move(entry));
            node.entry_bits |= bit;
            ++size_;
            return;
        }
        if (match(node.entries[position])) {
            node.entries[position] = std::move(entry);
            return;
        }
        split_arm(node, bit, position, std::move(entry), hash, shift, match, hash_of);
    }

    /// Two entries share an arm: both move one level down.
    template <class Match, class HashOf>
    void split_arm(Node& node, std::uint32_t bit, std::size_t position, Entry entry, std::uint64_t hash, unsigned shift,
                   const Match& match, const HashOf& hash_of) {
        Entry resident = std::move(node.entries[position]);
        erase_at_position(node.entries, position);
        node.entry_bits &= ~bit;
        const std::uint64_t resident_hash = hash_of(resident);
        NodePointer child;
        insert_at(child, std::move(resident), resident_hash, shift + bits, MatchesNothing{}, hash_of, true);
        --size_;
        insert_at(child, std::move(entry), hash, shift + bits, match, hash_of, true);
        insert_at_position(node.children, rank(node.children_bits, bit), std::move(child));
        node.children_bits |= bit;
    }

    template <class Match>
    void insert_linear(Node& node, Entry entry, const Match& match) {
        for (Entry& resident : node.entries) {
            if (match(resident)) {
                resident = std::move(entry);
                return;
            }
        }
        node.entries.push_back(std::move(entry));
        ++size_;
    }

    template <class Match>
    static void erase_at(NodePointer& pointer, std::uint64_t hash, unsigned shift, const Match& match) {
        Node& node = writable(pointer, false);
        if (shift > last_shift) {
            std::erase_if(node.entries, match);
            return;
        }
        const std::uint32_t bit = arm(hash, shift);
        if ((node.entry_bits & bit) != 0) {
            erase_at_position(node.entries, rank(node.entry_bits, bit));
            node.entry_bits &= ~bit;
            return;
        }
        const std::size_t position = rank(node.children_bits, bit);
        NodePointer& child = node.children[position];
        erase_at(child, hash, shift + bits, match);
        if (child->entries.empty() && child->children.empty()) {
            erase_at_position(node.children, position);
            node.children_bits &= ~bit;
        }
    }

    template <class Visit>
    static void visit_node(const Node& node, const Visit& visit) {
        for (const Entry& entry : node.entries) visit(entry);
        for (const NodePointer& child : node.children) visit_node(*child, visit);
    }

    NodePointer root_;
    std::size_t size_ = 0;
};

/// A vector as a tree of 64-way nodes over leaves of 64 elements, each one block of memory. Read is O(log64 n), a load a level.
template <class Element>
class PersistentVector {
public:
    std::size_t size() const noexcept { return size_; }

    /// REQUIRES: index < size().
    const Element& operator[](std::size_t index) const noexcept {
        const void* node = root_.get();
        for (unsigned level = height_; level > 0; --level) {
            node = static_cast<const Inner*>(node)->children[(index >> (level * bits)) & mask].get();
        }
        return static_cast<const Leaf*>(node)->elements[index & mask];
    }

    void set(std::size_t index, Element element) { slot(index, false) = std::move(element); }
    void push_back(Element element) { append(std::move(element), false); }
    void push_back_in_place(Element element) { append(std::move(element), true); }
    void set_in_place(std::size_t index, Element element) { slot(index, true) = std::move(element); }

private:
    static constexpr unsigned bits = 6;
    static constexpr std::size_t width = std::size_t{1} << bits;
    static constexpr std::size_t mask = width - 1;

    using Pointer = std::shared_ptr<void>;  ///< to an Inner above level 0, to a Leaf there
    struct Inner {
        std::array<Pointer, width> children;
    };
    struct Leaf {
        std::array<Element, width> elements{};
    };

    template <class Node>
    static Node& writable(Pointer& pointer, bool in_place) {
        if (!pointer) {
            pointer = std::make_shared<Node>();
        } else if (!in_place) {
            pointer = std::make_shared<Node>(*static_cast<const Node*>(pointer.get()));
        }
        return *static_cast<Node*>(pointer.get());
    }

    void append(Element element, bool in_place) {
        if (size_ == width << (height_ * bits)) {
            auto top = std::make_shared<Inner>();
            top->children[0] = std::move(root_);
            root_ = std::move(top);
            ++height_;
        }
        ++size_;
        slot(size_ - 1, in_place) = std::move(element);
    }

    Element& slot(std::size_t index, bool in_place) {
        Pointer* pointer = &root_;
        for (unsigned level = height_; level > 0; --level) {
            pointer = &writable<Inner>(*pointer, in_place).children[(index >> (level * bits)) & mask];
        }
        return writable<Leaf>(*pointer, in_place).elements[index & mask];
    }

    Pointer root_;
    std::size_t size_ = 0;
    unsigned height_ = 0;
};

/// Equal values once, each under a small number, counted by its users; a number whose last user goes is given out again.
/// Traits: `static std::uint64_t hash(const T&)`, `static std::size_t bytes(const T&)`; T has operator==.
template <class T, class Traits>
class InternPool {
public:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    /// The number of an equal value (made when new), with one more user.
    std::uint32_t acquire(const T& value, bool in_place) {
        const std::uint64_t hash = Traits::hash(value);
        if (const std::uint32_t* found = index_.find(hash, matcher(value)); found != nullptr) {
            Slot slot = slots_[*found];
            const std::uint32_t number = *found;
            ++slot.users;
            store(number, std::move(slot), in_place);
            return number;
        }
        const std::uint32_t number = fresh_number(in_place);
        auto kept = std::make_shared<const T>(value);
        bytes_ += Traits::bytes(*kept) + sizeof(Slot) + HashTrie<std::uint32_t>::bytes_per_entry;
        store(number, Slot{std::move(kept), 1}, in_place);
        const auto hash_of = [this](std::uint32_t other) { return Traits::hash(*slots_[other].value); };
        if (in_place) {
            index_.insert_in_place(number, hash, matcher(value), hash_of);
        } else {
            index_.insert(number, hash, matcher(value), hash_of);
        }
        return number;
    }

    /// One user less.
    void release(std::uint32_t number) {
        Slot slot = slots_[number];
        if (--slot.users > 0) {
            slots_.set(number, std::move(slot));
            return;
        }
        const T& value = *slot.value;
        bytes_ -= Traits::bytes(value) + sizeof(Slot) + HashTrie<std::uint32_t>::bytes_per_entry;
        index_.erase(Traits::hash(value), matcher(value));
        slots_.set(number, Slot{});
        free_.push_back(number);
    }

    /// REQUIRES: number was acquired and has users.
    const T& operator[](std::uint32_t number) const noexcept { return *slots_[number].value; }
    const std::shared_ptr<const T>& share(std::uint32_t number) const noexcept { return slots_[number].value; }
    /// The number of an equal value, or none. `value` may be a view that hashes and compares like T.
    template <class View>
    std::uint32_t find(const View& value) const noexcept {
        const auto match = [&](std::uint32_t number) { return *slots_[number].value == value; };
        const std::uint32_t* found = index_.find(Traits::hash(value), match);
        return found == nullptr ? none : *found;
    }
    std::size_t bytes() const noexcept { return bytes_; }
    std::size_t size() const noexcept { return index_.size(); }
    template <class Visit>
    void for_each(const Visit& visit) const {
        index_.for_each([&](std::uint32_t number) { visit(*slots_[number].value); });
    }

private:
    struct Slot {
        std::shared_ptr<const T> value;
        std::uint32_t users = 0;
    };

    auto matcher(const T& value) const noexcept {
        return [this, &value](std::uint32_t number) { return *slots_[number].value == value; };
    }
    std::uint32_t fresh_number(bool in_place) {
        if (!free_.empty()) {
            const std::uint32_t number = free_.back();
            free_.pop_back();
            return number;
        }
        const auto number = static_cast<std::uint32_t>(slots_.size());
        in_place ? slots_.push_back_in_place(Slot{}) : slots_.push_back(Slot{});
        return number;
    }
    void store(std::uint32_t number, Slot slot, bool in_place) {
        in_place ? slots_.set_in_place(number, std::move(slot)) : slots_.set(number, std::move(slot));
    }

    PersistentVector<Slot> slots_;
    HashTrie<std::uint32_t> index_;
    std::vector<std::uint32_t> free_;
    std::size_t bytes_ = 0;
};

/// Rows by id: a HashTrie of shared immutable rows. Row has a member `id` (or traits below find it) hashable by std::hash.
template <class Row>
class RowTable {
public:
    using Pointer = std::shared_ptr<const Row>;
    using RowId = decltype(Row::id);

    const Pointer* find(const RowId& id) const noexcept {
        return rows_.find(hash(id), [&](const Pointer& row) { return row->id == id; });
    }
    const Row* get(const RowId& id) const noexcept {
        const Pointer* found = find(id);
        return found == nullptr ? nullptr : found->get();
    }
    void put(Pointer row, bool in_place) {
        const RowId id = row->id;
        const auto match = [&](const Pointer& other) { return other->id == id; };
        const auto hash_of = [](const Pointer& other) { return hash(other->id); };
        in_place ? rows_.insert_in_place(std::move(row), hash(id), match, hash_of)
                 : rows_.insert(std::move(row), hash(id), match, hash_of);
    }
    void erase(const RowId& id) {
        rows_.erase(hash(id), [&](const Pointer& row) { return row->id == id; });
    }
    std::size_t size() const noexcept { return rows_.size(); }
    template <class Visit>
    void for_each(const Visit& visit) const {
        rows_.for_each(visit);
    }

private:
    static std::uint64_t hash(const RowId& id) noexcept {
        return hash_bytes({reinterpret_cast<const char*>(id.value.bytes.data()), id.value.bytes.size()});
    }
    HashTrie<Pointer> rows_;
};

}  // namespace sentinel::engine

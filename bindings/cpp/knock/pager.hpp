// Lists that are longer than a page.

#ifndef KNOCK_PAGER_HPP
#define KNOCK_PAGER_HPP

#include "call.hpp"

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace knock {

// Walks a list: item by item in a range-for, or page by page with next_page(). It keeps its
// client alive. After an exception the same page is asked for again.
class Pager {
public:
    Pager(KnockClient client, const std::string &operation, const json &request)
        : handle_(open(client, operation, request)) {}

    // The next page as the server sent it, or nothing after the last one. Items of the page
    // before that were not read yet are passed over.
    std::optional<json> next_page() {
        detail::Text text;
        KnockStatus status = knock_pager_next(handle_.get(), text.out());
        json page = detail::result(status, text);
        items_ = json::array();
        next_ = 0;
        if (status == KNOCK_DONE)
            return std::nullopt;
        return page;
    }

    // An input iterator over all items; a page is fetched when the one before is used up.
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = json;
        using difference_type = std::ptrdiff_t;
        using pointer = json *;
        using reference = json &;

        Iterator() = default;
        explicit Iterator(Pager *pager) : pager_(pager) { advance(); }

        reference operator*() { return item_; }
        pointer operator->() { return &item_; }
        Iterator &operator++() {
            advance();
            return *this;
        }
        Iterator operator++(int) {
            Iterator before = *this;
            advance();
            return before;
        }
        friend bool operator==(const Iterator &a, const Iterator &b) {
            return a.pager_ == b.pager_;
        }
        friend bool operator!=(const Iterator &a, const Iterator &b) { return !(a == b); }

    private:
        void advance() {
            std::optional<json> item = pager_->next_item();
            if (item)
                item_ = std::move(*item);
            else
                pager_ = nullptr;
        }

        Pager *pager_ = nullptr;
        json item_;
    };

    Iterator begin() { return Iterator(this); }
    Iterator end() { return Iterator(); }

    // Closes it before its scope ends.
    void close() noexcept { handle_.close(); }

private:
    static KnockPager open(KnockClient client, const std::string &operation,
                           const json &request) {
        KnockPager pager = 0;
        detail::Text error;
        std::string text = detail::to_text(detail::request(request));
        KnockStatus status =
            knock_pager_new(client, operation.c_str(), text.c_str(), &pager, error.out());
        detail::result(status, error);
        return pager;
    }

    std::optional<json> next_item() {
        while (next_ == items_.size()) {
            std::optional<json> page = next_page();
            if (!page)
                return std::nullopt;
            take_items(*page);
        }
        return std::move(items_[next_++]);
    }

    void take_items(json &page) {
        // With metadata asked for, the page is under "data".
        json &list = page.contains("data") && page.contains("meta") ? page["data"] : page;
        for (const char *key : {"entries", "items"}) {
            auto found = list.find(key);
            if (found != list.end() && found->is_array())
                items_ = std::move(*found);
        }
    }

    detail::Handle<knock_pager_close> handle_;
    json items_ = json::array();
    std::size_t next_ = 0;
};

} // namespace knock

#endif

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
        : handle_(open(client, operation, request)) {
        if (auto before = cursor_in(request, "before")) {
            direction_ = "before";
            next_page_ = before;
        } else {
            next_page_ = cursor_in(request, "after");
        }
    }

    // The next page as the server sent it, or nothing after the last one. Items of the page
    // before that were not read yet are passed over.
    std::optional<json> next_page() {
        detail::Text text;
        KnockStatus status = knock_pager_next(handle_.get(), text.out());
        json page = detail::result(status, text);
        items_ = json::array();
        next_ = 0;
        if (status == KNOCK_DONE) {
            next_page_.reset();
            return std::nullopt;
        }
        page_ = std::move(next_page_);
        const json &list = content(page);
        auto info = list.find("page_info");
        next_page_ = info == list.end() ? std::nullopt : cursor_in(*info, direction_);
        return page;
    }

    // Where to go on later: give it to a new pager as "after", or "before" where this one goes
    // backward. It is the cursor of the page that is being read, and of the next one when that is
    // used up; nothing before the first page and after the last.
    std::optional<std::string> cursor() const {
        return next_ < items_.size() ? page_ : next_page_;
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

    // Closes it before its scope ends, also from another thread: a call that waits on it throws
    // Closed.
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

    // With metadata asked for, the page is under "data".
    static json &content(json &page) {
        return page.contains("data") && page.contains("meta") ? page["data"] : page;
    }

    static std::optional<std::string> cursor_in(const json &object, const char *key) {
        auto found = object.find(key);
        if (found == object.end() || !found->is_string() || *found == "")
            return std::nullopt;
        return found->get<std::string>();
    }

    void take_items(json &page) {
        json &list = content(page);
        for (const char *key : {"entries", "items"}) {
            auto found = list.find(key);
            if (found != list.end() && found->is_array())
                items_ = std::move(*found);
        }
    }

    detail::Handle<knock_pager_close> handle_;
    json items_ = json::array();
    std::size_t next_ = 0;
    const char *direction_ = "after";
    // The cursors of the page that was fetched last, and of the one after it.
    std::optional<std::string> page_, next_page_;
};

} // namespace knock

#endif

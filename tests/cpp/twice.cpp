// The headers compile by themselves, and a second time, in more than one file of a program.

#include <knock.hpp>
#include <knock.hpp>

knock::json read_elsewhere(const knock::Client &client) { return client.users().get("jane"); }

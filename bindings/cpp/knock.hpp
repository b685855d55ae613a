// libknock for C++17: a blocking client for the Knock notifications API.
//
//     #include <knock.hpp>
//
//     knock::Client client({{"api_key", "sk_test_1"}});
//     client.users().identify("jane", {{"email", "jane@ingen.net"}, {"plan", "pro"}});
//     knock::json jane = client.users().get("jane");
//     for (const knock::json &user : client.users().list_pager({{"page_size", 50}}))
//         std::cout << user["id"] << "\n";
//
// JSON goes in and out as nlohmann::json. Failures are exceptions that derive from knock::Error.
// Everything may be used from any thread; a Pager or Bulk is used by one at a time. They and
// clients are moved, not copied, and close with their lifetime. Link libknock (CMake: knock::knock).

#ifndef KNOCK_HPP
#define KNOCK_HPP

#include "knock/bulk.hpp"
#include "knock/callbacks.hpp"
#include "knock/client.hpp"
#include "knock/error.hpp"
#include "knock/pager.hpp"
#include "knock/resources.hpp"
#include "knock/signing.hpp"

#endif

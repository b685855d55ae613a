// knock_cpp BASE_URL get|put|feed CALLS: this library through its C++ header.
#include <cstdlib>
#include <iostream>
#include <knock.hpp>
#include <string>

int main(int argc, char **argv)
{
    if (argc != 4) {
        std::cerr << "usage: knock_cpp BASE_URL get|put|feed CALLS\n";
        return 2;
    }
    const std::string work = argv[2];
    knock::Client client({{"api_key", "sk_test_12345"},
                          {"base_url", argv[1]},
                          {"pacing", {{"1", 1e6}, {"2", 1e6}, {"3", 1e6}, {"4", 1e6}, {"5", 1e6}}}});
    for (long calls = std::atol(argv[3]); calls > 0; calls--) {
        knock::json answer;
        if (work == "put")
            answer = client.users().identify(
                "jane", {{"name", "Jane Doe"}, {"email", "jane@ingen.net"}, {"plan", "pro"}});
        else if (work == "feed")
            answer = client.users().feeds().list_items("jane", "feed", {{"page_size", 50}});
        else
            answer = client.users().get("jane");
        if (!answer.is_object())
            return 1;
    }
    return 0;
}

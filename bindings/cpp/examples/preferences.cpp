// Mutes a workflow for a user, and prints all of the user's preference sets.
//
//     preferences USER_ID WORKFLOW
//
// Settings come from the environment: KNOCK_API_KEY, and KNOCK_BASE_URL for another server.

#include <cstdlib>
#include <iostream>

#include <knock.hpp>

int main(int argc, char **argv) {
    if (argc != 3) {
        std::cerr << "usage: " << argv[0] << " USER_ID WORKFLOW\n";
        return EXIT_FAILURE;
    }
    try {
        knock::Client client;
        knock::json workflows = {{argv[2], false}};
        client.users().set_preferences(argv[1], "default",
                                       {{"workflows", workflows}, {"__persistence_strategy__", "merge"}});
        for (const knock::json &set : client.users().list_preferences(argv[1]))
            std::cout << set["id"].get<std::string>() << " " << set["workflows"] << "\n";
        return EXIT_SUCCESS;
    } catch (const knock::ApiError &error) {
        std::cerr << "the server said " << error.http_status().value_or(0) << ": " << error.what()
                  << "\n";
    } catch (const knock::Error &error) {
        std::cerr << error.what() << (error.retryable() ? "; try again later\n" : "\n");
    }
    return EXIT_FAILURE;
}

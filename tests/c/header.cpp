// The header in C++17: handles fit RAII, statuses are an enum, and a call goes through.
#include "support.h"

#include <memory>
#include <string_view>
#include <type_traits>

static_assert(std::is_enum_v<agg_status>);
static_assert(sizeof(agg_status) == 4);
static_assert(AGG_OK == 0 && AGG_INVALID_ARGUMENT == 100 && AGG_UNAUTHORIZED == 301 && AGG_PANIC == 900);

template <auto Free>
struct Freed {
  template <class Handle>
  void operator()(Handle *handle) const {
    Free(handle);
  }
};
using Client = std::unique_ptr<agg_client, Freed<agg_client_free>>;
using Operation = std::unique_ptr<agg_operation, Freed<agg_operation_free>>;
using Reply = std::unique_ptr<agg_reply, Freed<agg_reply_free>>;

static void a_call_from_cpp_goes_through() {
  Client client{new_client(nullptr, 10)};
  agg_operation *operation = nullptr;
  CHECK(agg_operation_get_user(KNOWN_USER, std::string_view{KNOWN_USER}.size(), &operation, nullptr) == AGG_OK);
  Operation owned_operation{operation};
  agg_reply *reply = nullptr;
  CHECK(agg_client_call(client.get(), operation, &reply, nullptr) == AGG_OK);
  Reply owned_reply{reply};
  const agg_view body = agg_reply_body(reply);
  CHECK(std::string_view(body.data, body.length).find(KNOWN_USER) != std::string_view::npos);
}

int main() {
  RUN(a_call_from_cpp_goes_through);
  return finish();
}

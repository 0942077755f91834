// An input is a program: a byte that names a function, then its arguments. What is read past the end is 0, and a handle that was
// not made is NULL.
#include <agglestone.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY "fuzz-key-0123456789abcdef"
#define HANDLES 4

typedef struct {
    const char *data;
    size_t length;
    void *memory;
} text;

typedef struct {
    const uint8_t *next, *end;
    agg_config *config;
    agg_client *client;
    agg_operation *operations[HANDLES];
} program;

#define REQUIRE(condition)                                                      \
    do {                                                                        \
        if (!(condition)) {                                                     \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);     \
            abort();                                                            \
        }                                                                       \
    } while (0)

static uint8_t byte(program *p) {
    return p->next < p->end ? *p->next++ : 0;
}

static void number(program *p, void *to, size_t size) {
    memset(to, 0, size);
    for (size_t i = 0; i < size; i++) {
        ((uint8_t *)to)[i] = byte(p);
    }
}

static double real(program *p) {
    double value;
    number(p, &value, sizeof value);
    return value;
}

static int64_t integer(program *p) {
    int64_t value;
    number(p, &value, sizeof value);
    return value;
}

// A length, then as many bytes, in memory of their own so that a read beyond them is seen. 255 is NULL with a length.
static text words(program *p) {
    size_t length = byte(p);
    if (length == 255) {
        return (text){NULL, byte(p), NULL};
    }
    size_t left = (size_t)(p->end - p->next);
    length = length < left ? length : left;
    char *copy = length == 0 ? NULL : malloc(length);
    for (size_t i = 0; i < length; i++) {
        copy[i] = (char)*p->next++;
    }
    return (text){copy, length, copy};
}


// Lent text is bytes and a 0 behind them, and the key is never in it. A token's or a header's may hold zeros within.
static void is_text(agg_view shown) {
    REQUIRE(shown.data != NULL && shown.data[shown.length] == 0);
    REQUIRE(strlen(shown.data) == shown.length);
    REQUIRE(strstr(shown.data, KEY) == NULL);
}

// A failure has an error that says what it is, a success has none. Frees the error.
static void judge(agg_status status, agg_error **place) {
    agg_error *error = *place;
    REQUIRE((status == AGG_OK) == (error == NULL));
    REQUIRE(status != AGG_PANIC);
    if (error != NULL) {
        REQUIRE(agg_error_code(error) == status);
        REQUIRE(agg_error_message(error).length > 0);
        is_text(agg_error_message(error));
        is_text(agg_error_argument(error));
        is_text(agg_error_reason(error));
        for (size_t i = 0; i < agg_error_problem_count(error); i++) {
            is_text(agg_error_problem_setting(error, i));
            is_text(agg_error_problem_reason(error, i));
        }
    }
    agg_error_free(error);
}

typedef agg_status (*config_text)(agg_config *, const char *, size_t, agg_error **);
typedef agg_status (*config_real)(agg_config *, double, agg_error **);
typedef agg_status (*config_integer)(agg_config *, int64_t, agg_error **);
typedef agg_status (*make_by_text)(const char *, size_t, agg_operation **, agg_error **);
typedef agg_status (*add_pair)(agg_operation *, const char *, size_t, const char *, size_t, agg_error **);
typedef agg_status (*operation_real)(agg_operation *, double, agg_error **);
typedef agg_status (*tell)(const agg_client *, agg_bytes **, agg_error **);

#define COUNT(list) (sizeof(list) / sizeof *(list))

// Files are left out: what a path leads to is no input of ours.
static const config_text CONFIG_TEXTS[] = {
    agg_config_set_tenant_id, agg_config_set_api_key,  agg_config_set_secondary_api_key, agg_config_set_base_url,
    agg_config_set_audience,  agg_config_set_app_name, agg_config_set_users_path,        agg_config_set_runtime,
    agg_config_set_token_store, agg_config_set_token_store_key,
};
static const config_real CONFIG_REALS[] = {
    agg_config_set_connect_timeout,    agg_config_set_timeout,         agg_config_set_deadline, agg_config_set_idle_timeout,
    agg_config_set_connection_max_age, agg_config_set_clock_tolerance,
};
static const config_integer CONFIG_INTEGERS[] = {
    agg_config_set_max_retries,      agg_config_set_max_connections,   agg_config_set_io_threads,
    agg_config_set_token_cache_size, agg_config_set_verify_cache_size,
};
static const make_by_text MADE_BY_TEXT[] = {
    agg_operation_get_user,
    agg_operation_exchange_api_key_for_token,
    agg_operation_exchange_api_key_for_fresh_token,
    agg_operation_verify_token,
};
static const add_pair PAIRS[] = {agg_operation_add_query, agg_operation_add_header};
static const operation_real OPERATION_REALS[] = {
    agg_operation_set_connect_timeout,
    agg_operation_set_timeout,
    agg_operation_set_deadline,
};
static const tell TELLERS[] = {agg_client_tenant_url, agg_client_key_usage, agg_client_token_stats};

static agg_operation **operation(program *p) {
    return &p->operations[byte(p) % HANDLES];
}

// A new operation takes the place of what was there.
static void keep(agg_operation **place, agg_operation *made, agg_status status, agg_error *error) {
    REQUIRE((status == AGG_OK) == (made != NULL));
    judge(status, &error);
    if (made != NULL) {
        agg_operation_free(*place);
        *place = made;
    }
}

static void configure(program *p) {
    agg_error *error = NULL;
    uint8_t which = byte(p);
    switch (byte(p) % 4) {
    case 0: {
        text value = words(p);
        judge(CONFIG_TEXTS[which % COUNT(CONFIG_TEXTS)](p->config, value.data, value.length, &error), &error);
        free(value.memory);
        return;
    }
    case 1:
        judge(CONFIG_REALS[which % COUNT(CONFIG_REALS)](p->config, real(p), &error), &error);
        return;
    case 2:
        judge(CONFIG_INTEGERS[which % COUNT(CONFIG_INTEGERS)](p->config, integer(p), &error), &error);
        return;
    default: {
        text name = words(p), value = words(p);
        judge(agg_config_set_variable(p->config, name.data, name.length, value.data, value.length, &error), &error);
        free(name.memory);
        free(value.memory);
    }
    }
}

static void make(program *p) {
    agg_operation **place = operation(p), *made = NULL;
    agg_error *error = NULL;
    agg_status status;
    uint8_t which = byte(p);
    text first = words(p), second = words(p);
    switch (which % 8) {
    case 0:
        status = agg_operation_get_users(integer(p), integer(p), &made, &error);
        break;
    case 1:
        status = agg_operation_request(first.data, first.length, second.data, second.length, &made, &error);
        break;
    case 2:
        status = agg_operation_as_user(*operation(p), first.data, first.length, &made, &error);
        break;
    case 3:
        status = agg_operation_get_users_after(NULL, &made, &error);
        break;
    default:
        status = MADE_BY_TEXT[which % COUNT(MADE_BY_TEXT)](first.data, first.length, &made, &error);
    }
    keep(place, made, status, error);
    free(first.memory);
    free(second.memory);
}

// Has an operation observed, and asks what a call that never begins has done.
static void observe(program *p, agg_operation *observed) {
    agg_observation *observation = NULL;
    agg_account *account = NULL;
    agg_error *error = NULL;
    text parent = words(p), state = words(p), baggage = words(p);
    agg_status status = agg_observation_new(parent.data, parent.length, state.data, state.length, baggage.data,
                                            baggage.length, &observation, &error);
    REQUIRE((status == AGG_OK) == (observation != NULL));
    judge(status, &error);
    error = NULL;
    judge(agg_operation_set_observation(observed, observation, &error), &error);
    error = NULL;
    status = agg_observation_account(observation, &account, &error);
    REQUIRE((status == AGG_OK) == (account != NULL));
    judge(status, &error);
    if (account != NULL) {
        is_text(account->route);
        REQUIRE(account->attempt_count == 0);
    }
    agg_account_free(account);
    agg_observation_free(observation);
    free(parent.memory);
    free(state.memory);
    free(baggage.memory);
}

static void change(program *p) {
    agg_operation *changed = *operation(p);
    agg_error *error = NULL;
    uint8_t which = byte(p);
    switch (which % 6) {
    case 0:
        judge(OPERATION_REALS[which % COUNT(OPERATION_REALS)](changed, real(p), &error), &error);
        return;
    case 1:
        judge(agg_operation_set_max_retries(changed, integer(p), &error), &error);
        return;
    case 2: {
        text json = words(p);
        judge(agg_operation_set_json(changed, json.data, json.length, &error), &error);
        free(json.memory);
        return;
    }
    case 4:
        observe(p, changed);
        return;
    case 3:
        judge(agg_operation_set_check_service(changed, byte(p) % 2 == 1, &error), &error);
        return;
    default: {
        text name = words(p), value = words(p);
        add_pair add = PAIRS[byte(p) % COUNT(PAIRS)];
        judge(add(changed, name.data, name.length, value.data, value.length, &error), &error);
        free(name.memory);
        free(value.memory);
    }
    }
}

// A client of what was configured so far, with a key to be searched for.
static void connect(program *p) {
    agg_error *error = NULL;
    judge(agg_config_set_api_key(p->config, KEY, sizeof KEY - 1, &error), &error);
    agg_client_free(p->client);
    p->client = NULL;
    agg_status status = agg_client_new(p->config, &p->client, &error);
    REQUIRE((status == AGG_OK) == (p->client != NULL));
    judge(status, &error);
}

// What sends nothing.
static void use(program *p) {
    agg_error *error = NULL;
    uint8_t which = byte(p);
    text first = words(p), second = words(p);
    switch (which % 4) {
    case 0: {
        agg_reply *reply = NULL;
        if (byte(p) % 2 == 0) {
            judge(agg_client_cached_token(p->client, first.data, first.length, &reply, &error), &error);
        } else {
            bool check = byte(p) % 2 == 1;
            judge(agg_client_verified_token(p->client, first.data, first.length, check, &reply, &error), &error);
        }
        REQUIRE(reply == NULL);
        break;
    }
    case 1: {
        agg_bytes *told = NULL;
        agg_status status = TELLERS[byte(p) % COUNT(TELLERS)](p->client, &told, &error);
        REQUIRE((status == AGG_OK) == (told != NULL));
        judge(status, &error);
        if (told != NULL) {
            is_text(agg_bytes_view(told));
        }
        agg_bytes_free(told);
        break;
    }
    case 2:
        judge(agg_client_set_api_keys(p->client, first.data, first.length, second.data, second.length, &error), &error);
        break;
    default:
        judge(agg_client_forget_token(p->client, first.data, first.length, &error), &error);
    }
    free(first.memory);
    free(second.memory);
}

void run_program(const uint8_t *input, size_t length) {
    program p = {.next = input, .end = input + length};
    size_t handles = agg_live_handles();
    while (p.next < p.end) {
        switch (byte(&p) % 8) {
        case 0: {
            agg_error *error = NULL;
            agg_config_free(p.config);
            p.config = NULL;
            judge(agg_config_new(&p.config, &error), &error);
            break;
        }
        case 1:
            connect(&p);
            break;
        case 2:
            use(&p);
            break;
        case 3:
        case 4:
            make(&p);
            break;
        case 5:
            change(&p);
            break;
        default:
            configure(&p);
        }
    }
    agg_config_free(p.config);
    agg_client_free(p.client);
    for (size_t i = 0; i < HANDLES; i++) {
        agg_operation_free(p.operations[i]);
    }
    REQUIRE(agg_live_handles() == handles);
}

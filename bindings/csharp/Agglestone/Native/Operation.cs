using System;
using System.Runtime.InteropServices;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <summary>An agg_operation: one thing to ask of the service, its arguments checked when it is made.</summary>
internal sealed unsafe class Operation : SafeHandle
{
    private Operation(nint operation)
        : base(0, ownsHandle: true) => SetHandle(operation);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The operation; valid as long as this object is not disposed.</summary>
    internal nint Handle => handle;

    internal static Operation GetUsers(int pageNumber, int pageSize)
    {
        nint operation = 0, error = 0;
        return Made(agg_operation_get_users(pageNumber, pageSize, &operation, &error), operation, error);
    }

    /// <summary>The page behind this one, for a way through all of them; null behind the last.</summary>
    internal static Operation? GetUsersAfter(Reply page)
    {
        if (agg_reply_next_page(page.Handle) == 0)
        {
            return null;
        }

        nint operation = 0, error = 0;
        return Made(agg_operation_get_users_after(page.Handle, &operation, &error), operation, error);
    }

    internal static Operation GetUser(string userId) => OfUser(userId, &agg_operation_get_user);

    /// <summary>Throws if no operation can be made for such a user.</summary>
    internal static void CheckUserId(string userId) => GetUser(userId).Dispose();

    internal static Operation ExchangeApiKeyForToken(string userId) => OfUser(userId, &agg_operation_exchange_api_key_for_token);

    internal static Operation ExchangeApiKeyForFreshToken(string userId) =>
        OfUser(userId, &agg_operation_exchange_api_key_for_fresh_token);

    internal static Operation CheckApiKeys()
    {
        nint operation = 0, error = 0;
        return Made(agg_operation_check_api_keys(&operation, &error), operation, error);
    }

    internal static Operation VerifyToken(string token, bool checkService)
    {
        using var text = new Utf8Argument("token", token, stackalloc byte[Utf8Argument.Scratch]);
        nint operation = 0, error = 0;
        fixed (byte* data = text)
        {
            var made = Made(agg_operation_verify_token(data, text.Length, &operation, &error), operation, error);
            // Of this operation it can't be refused.
            _ = agg_operation_set_check_service(operation, (byte)(checkService ? 1 : 0), null);
            return made;
        }
    }

    internal static Operation Request(AgglestoneRequest request)
    {
        var operation = Request(request.Method.Method, request.Path);
        try
        {
            foreach (var (name, value) in request.Query)
            {
                operation.Add("query", name, value, &agg_operation_add_query);
            }

            foreach (var (name, value) in request.Headers)
            {
                operation.Add("headers", name, value, &agg_operation_add_header);
            }

            if (request.Json is { } json)
            {
                operation.SetJson(json);
            }

            return operation;
        }
        catch
        {
            operation.Dispose();
            throw;
        }
    }

    /// <summary>Makes the library panic while it runs, for tests of what a bug there would do here.</summary>
    internal static Operation TestingPanic()
    {
        nint operation = 0, error = 0;
        return Made(agg_operation_testing_panic(&operation, &error), operation, error);
    }

    /// <summary>Changes what differs from the client's configuration.</summary>
    internal void Set(AgglestoneCallOptions options)
    {
        nint error = 0;
        if (options.ConnectTimeout is { } connectTimeout)
        {
            NativeError.Check(agg_operation_set_connect_timeout(handle, connectTimeout.TotalSeconds, &error), error);
        }

        if (options.Timeout is { } timeout)
        {
            NativeError.Check(agg_operation_set_timeout(handle, timeout.TotalSeconds, &error), error);
        }

        if (options.Deadline is { } deadline)
        {
            NativeError.Check(agg_operation_set_deadline(handle, deadline.TotalSeconds, &error), error);
        }

        if (options.MaxRetries is { } retries)
        {
            NativeError.Check(agg_operation_set_max_retries(handle, retries, &error), error);
        }
    }

    /// <summary>The same, made by a user. This one is still to be disposed.</summary>
    internal Operation AsUser(string userId)
    {
        using var text = new Utf8Argument("userId", userId, stackalloc byte[Utf8Argument.Scratch]);
        nint operation = 0, error = 0;
        fixed (byte* data = text)
        {
            return Made(agg_operation_as_user(handle, data, text.Length, &operation, &error), operation, error);
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        agg_operation_free(handle);
        return true;
    }

    private static Operation Request(string method, string path)
    {
        using var methodText = new Utf8Argument("method", method, stackalloc byte[Utf8Argument.Scratch]);
        using var pathText = new Utf8Argument("path", path, stackalloc byte[Utf8Argument.Scratch]);
        nint operation = 0, error = 0;
        fixed (byte* methodData = methodText, pathData = pathText)
        {
            return Made(
                agg_operation_request(methodData, methodText.Length, pathData, pathText.Length, &operation, &error),
                operation,
                error);
        }
    }

    private static Operation OfUser(string userId, delegate*<byte*, nuint, nint*, nint*, uint> make)
    {
        ArgumentNullException.ThrowIfNull(userId);
        using var text = new Utf8Argument("userId", userId, stackalloc byte[Utf8Argument.Scratch]);
        nint operation = 0, error = 0;
        fixed (byte* data = text)
        {
            return Made(make(data, text.Length, &operation, &error), operation, error);
        }
    }

    private static Operation Made(uint status, nint operation, nint error)
    {
        NativeError.Check(status, error);
        return new Operation(operation);
    }

    private void Add(string argument, string name, string value, delegate*<nint, byte*, nuint, byte*, nuint, nint*, uint> add)
    {
        using var nameText = new Utf8Argument(argument, name, stackalloc byte[Utf8Argument.Scratch]);
        using var valueText = new Utf8Argument(argument, value, stackalloc byte[Utf8Argument.Scratch]);
        nint error = 0;
        fixed (byte* nameData = nameText, valueData = valueText)
        {
            NativeError.Check(add(handle, nameData, nameText.Length, valueData, valueText.Length, &error), error);
        }
    }

    private void SetJson(string json)
    {
        using var text = new Utf8Argument("json", json, stackalloc byte[Utf8Argument.Scratch]);
        nint error = 0;
        fixed (byte* data = text)
        {
            NativeError.Check(agg_operation_set_json(handle, data, text.Length, &error), error);
        }
    }
}

using System;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Agglestone.Json;

namespace Agglestone;

/// <summary>
/// How users and pages are written and read as JSON without reflection, where a program has no <c>JsonSerializerContext</c> of its
/// own: <c>response.ReadAsJson(AgglestoneJson.User)</c>. In one that has, <c>[JsonSerializable(typeof(Page&lt;User&gt;))]</c> works
/// as well; beside a page of another type, that type is to be listed too.
/// </summary>
public static class AgglestoneJson
{
    /// <summary>As deep as the library reads what the service sends.</summary>
    internal const int MaxDepth = 256;

    private static readonly JsonSerializerOptions Options = new() { MaxDepth = MaxDepth, TypeInfoResolver = new Resolver() };

    /// <summary>Knows users and pages of users; for the <c>TypeInfoResolverChain</c> of a program's own options.</summary>
    public static IJsonTypeInfoResolver TypeInfoResolver => Options.TypeInfoResolver!;

    /// <summary>A user.</summary>
    public static JsonTypeInfo<User> User { get; } = (JsonTypeInfo<User>)Options.GetTypeInfo(typeof(User));

    /// <summary>A page of users.</summary>
    public static JsonTypeInfo<Page<User>> UserPage { get; } = (JsonTypeInfo<Page<User>>)Options.GetTypeInfo(typeof(Page<User>));

    private sealed class Resolver : IJsonTypeInfoResolver
    {
        public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options)
        {
            if (type == typeof(User))
            {
                return JsonMetadataServices.CreateValueInfo<User>(options, new UserConverter());
            }

            return type == typeof(Page<User>) ? JsonMetadataServices.CreateValueInfo<Page<User>>(options, new UserPageConverter()) : null;
        }
    }
}

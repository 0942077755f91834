using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Text.Json;

using Agglestone.Native;

using NUnit.Framework;

namespace Agglestone.Tests;

/// <summary>Compares what this face offers with the library's own lists of settings and methods.</summary>
public sealed unsafe class SurfaceTests
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public;

    [Test]
    public void EverySettingIsAnOptionAndEveryOptionASetting()
    {
        var settings = Read(&NativeMethods.agg_settings);
        // What is told is no setting of the library.
        string[] own = [nameof(AgglestoneClientOptions.OnApiKeyEvent)];
        var options = typeof(AgglestoneClientOptions).GetProperties(Declared).ToDictionary(property => property.Name);
        Assert.That(options.Keys.Except(own), Is.EquivalentTo(settings.Select(Option)));
        foreach (var setting in settings)
        {
            var type = options[Option(setting)].PropertyType;
            Assert.That(type, Is.EqualTo(TypeOf(setting) ?? type), Option(setting));
        }
    }

    [Test]
    public void ACallHasTheOptionsThatACallMayHave()
    {
        var settings = Read(&NativeMethods.agg_settings).Where(setting => setting.GetProperty("perCall").GetBoolean()).ToList();
        var options = typeof(AgglestoneCallOptions).GetProperties(Declared);
        Assert.That(options.Select(property => property.Name), Is.EquivalentTo(settings.Select(Option)));
        Assert.That(options.Select(property => property.PropertyType), Is.EquivalentTo(settings.Select(TypeOf)));
    }

    [Test]
    public void EveryMethodIsThereWithItsArgumentsAndInBothForms()
    {
        foreach (var method in Read(&NativeMethods.agg_methods))
        {
            var name = Method(method);
            var asks = method.GetProperty("asks").GetBoolean();
            var arguments = method.GetProperty("arguments").EnumerateArray().Select(argument => Camel(argument.GetString()!)).ToList();
            var types = new List<Type> { typeof(AgglestoneClient) };
            if (method.GetProperty("asUser").GetBoolean())
            {
                types.Add(typeof(AgglestoneUserClient));
            }

            foreach (var type in types)
            {
                // A token that must be new is a method of its own here.
                if (arguments.Contains("fresh"))
                {
                    AssertHas(type, "GetFreshToken", asks, arguments.Where(argument => argument != "fresh"));
                }

                AssertHas(type, name, asks, arguments.Where(argument => argument != "fresh"));
            }
        }
    }

    private static void AssertHas(Type type, string name, bool asks, IEnumerable<string> arguments)
    {
        foreach (var form in asks ? new[] { name, $"{name}Async" } : [name])
        {
            var parameters = type.GetMethods(Declared).Where(method => method.Name == form).SelectMany(method => method.GetParameters()).ToList();
            Assert.That(type.GetMethods(Declared).Select(method => method.Name), Does.Contain(form), type.Name);
            var names = parameters.SelectMany(parameter => parameter.ParameterType == typeof(AgglestoneRequest)
                ? typeof(AgglestoneRequest).GetProperties(Declared).Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))
                : [parameter.Name!]);
            Assert.That(arguments.Except(names), Is.Empty, $"{type.Name}.{form}");
            if (asks)
            {
                Assert.That(names, Does.Contain("cancellationToken"), $"{type.Name}.{form}");
            }
        }
    }

    private static string Option(JsonElement setting) =>
        setting.GetProperty("name").GetString() is "key_source" ? nameof(AgglestoneClientOptions.ApiKeySource) : Pascal(setting.GetProperty("name").GetString()!);

    private static Type? TypeOf(JsonElement setting) => setting.GetProperty("kind").GetString() switch
    {
        "text" or "secret" or "path" => typeof(string),
        "flag" => typeof(bool?),
        "span" => typeof(TimeSpan?),
        "number" => typeof(int?),
        _ => null,
    };

    private static string Method(JsonElement method) => method.GetProperty("name").GetString() switch
    {
        "iter_users" => "IterateUsers",
        "close" => nameof(IDisposable.Dispose),
        { } name => Pascal(name),
        null => throw new JsonException(),
    };

    private static string Pascal(string name) => string.Concat(name.Split('_').Select(word => $"{char.ToUpperInvariant(word[0])}{word[1..]}"));

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(Pascal(name));

    private static List<JsonElement> Read(delegate*<nint*, nint*, uint> list)
    {
        nint json = 0, error = 0;
        NativeError.Check(list(&json, &error), error);
        using var document = JsonDocument.Parse(NativeMethods.agg_bytes_view(json).ToString());
        NativeMethods.agg_bytes_free(json);
        var items = document.RootElement.EnumerateArray().Select(item => item.Clone()).ToList();
        Assert.That(items, Is.Not.Empty);
        return items;
    }
}
